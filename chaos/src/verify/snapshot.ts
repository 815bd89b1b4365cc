import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** A row of the journal, as it is in the file: read with SQLite alone, none of our code. */
export interface Row {
  readonly step: number
  readonly parent: number
  readonly kind: string
  readonly name: string
  readonly identity: string
  readonly state: string
  readonly waiting_for: string | null
  readonly attempt: number
  readonly epoch: number
  readonly seq: number | null
  readonly result: string | null
  readonly result_ref: string | null
  readonly error: string | null
}

export interface Materialized {
  readonly asset: string
  readonly partition: string
  readonly step: number
  readonly epoch: number
  readonly attempt: number
  readonly value_ref: string
}

/** What the store says at one moment. */
export interface Snapshot {
  /** `null` where no run is there yet. */
  readonly run: {
    readonly id: string
    readonly state: string
    readonly epoch: number
    readonly result: string | null
  } | null
  readonly runs: number
  readonly steps: ReadonlyMap<number, Row>
  readonly materializations: readonly Materialized[]
}

const nothing: Snapshot = { run: null, runs: 0, steps: new Map(), materializations: [] }

/** Reads the store of a home; `sluice.db` may be in use, just made, or left by a process that was killed. */
export function readSnapshot(home: string): Snapshot {
  const path = join(home, 'sluice.db')
  if (!existsSync(path)) return nothing
  const database = new DatabaseSync(path, { readOnly: true, timeout: 5_000 })
  try {
    const tables = database.prepare(`select count(*) as n from sqlite_master where name in ('runs', 'steps')`).get()
    if (tables?.['n'] !== 2) return nothing
    database.exec('begin')
    const runs = database.prepare('select id, state, epoch, result, result_ref from runs order by id').all()
    const first = runs[0]
    const id = first ? String(first['id']) : ''
    const rows = database.prepare('select * from steps where run = ? order by step').all(id) as unknown as Row[]
    const made = database
      .prepare('select * from materializations where run = ? order by id')
      .all(id) as unknown as Materialized[]
    return {
      run: first
        ? {
            id,
            state: String(first['state']),
            epoch: Number(first['epoch']),
            result: textOf(home, first['result'] as string | null, first['result_ref'] as string | null),
          }
        : null,
      runs: runs.length,
      steps: new Map(rows.map((row) => [row.step, row])),
      materializations: made,
    }
  } finally {
    database.close()
  }
}

/** The encoded value: inline, or in the file that a reference names. */
export function textOf(home: string, inline: string | null, ref: string | null): string | null {
  if (inline !== null || ref === null) return inline
  const path = join(home, 'values', ...(JSON.parse(ref) as { ref: string }).ref.split('/'))
  return existsSync(path) ? readFileSync(path, 'utf8') : null
}

/** The marks of executions that a text holds. */
export const marksIn = (text: string): string[] =>
  [...text.matchAll(/\b[0-9a-f]{8}-[0-9a-f]{4}\b/g)].map(([made]) => made)

/** Everything that SQLite finds wrong with the file. */
export function integrity(home: string): string[] {
  const database = new DatabaseSync(join(home, 'sluice.db'), { readOnly: true, timeout: 5_000 })
  try {
    const found = database
      .prepare('pragma integrity_check')
      .all()
      .map((row) => String(Object.values(row)[0]))
    return found[0] === 'ok' ? [] : found
  } finally {
    database.close()
  }
}
