import type { Counted, Counting } from '@sluice/core'
import type { DuckDBConnection } from '@duckdb/node-api'
import { quote } from './names.ts'

/**
 * Counts where the rows are: nothing of them crosses into JavaScript.
 *
 * @param from what stands behind `from`, quoted.
 */
export async function countRows(
  connection: DuckDBConnection,
  from: string,
  { nulls = [], distinct = [] }: Counting,
): Promise<Counted> {
  const columns = distinct.map((name) => quote(name)).join(', ')
  const isComplete = distinct.map((name) => `${quote(name)} is not null`).join(' and ')
  const asked = [
    'count(*)',
    ...nulls.map((name) => `count(*) filter (where ${quote(name)} is null)`),
    ...(distinct.length === 0
      ? []
      : [`count(*) filter (where ${isComplete})`, `count(distinct (${columns})) filter (where ${isComplete})`]),
  ]
  const [row] = await (await connection.run(`select ${asked.join(', ')} from ${from}`)).getRows()
  const [rows = 0, ...counts] = row!.map(Number)
  return {
    rows,
    nulls: Object.fromEntries(nulls.map((name, nth) => [name, counts[nth]!])),
    complete: counts[nulls.length] ?? 0,
    distinct: counts[nulls.length + 1] ?? 0,
  }
}
