import type { DatabaseSync } from 'node:sqlite'
import { rules } from '../invariants.ts'

/** The rules that the rows break, with the first few that do. */
export function invariants(database: DatabaseSync): string[] {
  return rules.flatMap(({ says, query }) => {
    const found = database
      .prepare(`${query} limit 3`)
      .all()
      .map((row) => String(row['what']))
    return found.length === 0 ? [] : [`${says}: ${found.join(', ')}`]
  })
}
