import { crashPoint, type Change, type Committed, type Together } from '@sluice/engine/store'
import { applyBatch } from '../commit.ts'
import { type Connection, pgSession } from './connection.ts'
import { isLost, isUnknownNumber } from './errors.ts'
import { areSteps, recordAtOnce } from './record-steps.ts'

export type Items = readonly (Change | Together)[]

/** A commit was sent and the connection lost before its answer: it may have happened. */
export class UnknownFate extends Error {
  /** As PostgreSQL numbers transactions (`xid8`). */
  readonly transaction: string
  readonly answers: Committed[]
  constructor(transaction: string, answers: Committed[], cause: unknown) {
    super('The connection was lost while a transaction was committed.', { cause })
    this.transaction = transaction
    this.answers = answers
  }
}

/** Applies the items in one transaction. */
export async function transact(connection: Connection, items: Items): Promise<Committed[]> {
  if (areSteps(items)) return recordAtOnce(connection, items) // sent again it changes nothing: its fate may be unknown
  const begun = Promise.all([
    connection.query('begin'),
    connection.query('select pg_current_xact_id()::text as id', [], 'sluice_xact_id'),
  ])
  begun.catch(() => {}) // told below
  try {
    crashPoint('batch-open')
    const answers = await applyBatch(pgSession(connection), items)
    crashPoint('batch-applied')
    const [, { rows }] = await begun
    await commit(connection, (rows[0] as { id: string }).id, answers)
    crashPoint('batch-committed')
    return answers
  } catch (error) {
    if (!(error instanceof UnknownFate) && !isLost(error)) await connection.query('rollback')
    throw error
  }
}

async function commit(connection: Connection, transaction: string, answers: Committed[]): Promise<void> {
  try {
    await connection.query('commit')
  } catch (error) {
    throw isLost(error) ? new UnknownFate(transaction, answers, error) : error
  }
}

/** Was it committed? `null`: it still goes on. Its number is asked of the connection that came after it. */
export async function fateOf(connection: Connection, transaction: string): Promise<boolean | null> {
  try {
    const { rows } = await connection.query('select pg_xact_status($1::xid8) as fate', [transaction])
    const { fate } = rows[0] as { fate: string | null }
    return fate === 'in progress' ? null : fate === 'committed'
  } catch (error) {
    if (isUnknownNumber(error)) return false // the server crashed, and has forgotten even the number
    throw error
  }
}
