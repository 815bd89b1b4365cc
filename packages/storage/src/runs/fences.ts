import { isTerminalRun, type RunState } from '@sluice/core'
import type { DropCode } from '@sluice/engine/store'
import type { Dialect } from '../dialect.ts'
import { fixed, type Session } from '../session.ts'

export interface RunHead {
  readonly id: string
  readonly epoch: number
  readonly state: RunState
}

const head = fixed<{ id: string }, RunHead>((db, { id }) =>
  db.selectFrom('runs').select(['id', 'epoch', 'state']).where('id', '=', id).$castTo<RunHead>(),
)

/** Epoch and state of the runs that a batch writes to: each is read once, and again after a change of the run itself. */
export class Fences {
  readonly #session: Session
  readonly #heads = new Map<string, RunHead>()

  constructor(session: Session) {
    this.#session = session
  }

  async load(ids: Iterable<string>): Promise<void> {
    const { lockRuns } = this.#session.dialect
    if (lockRuns) return this.#loadLocked(lockRuns, [...ids])
    for (const id of ids) {
      const [row] = await this.#session.all(head(this.#session, { id }))
      if (row) this.#heads.set(id, row)
      else this.#heads.delete(id)
    }
  }

  async #loadLocked(lockRuns: NonNullable<Dialect['lockRuns']>, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return
    for (const id of ids) this.#heads.delete(id)
    for (const row of await this.#session.all(lockRuns(this.#session, { ids }))) this.#heads.set(row.id, row)
  }

  /** It is new: nobody else can have seen it. */
  made(head: RunHead): void {
    this.#heads.set(head.id, head)
  }

  head(run: string): RunHead | undefined {
    return this.#heads.get(run)
  }

  /** Why a write with this epoch must not happen, or `null`. */
  refuse(run: string, epoch: number): DropCode | null {
    const head = this.#heads.get(run)
    if (!head) return 'RUN_UNKNOWN'
    if (head.epoch !== epoch) return 'STALE_EPOCH'
    return isTerminalRun(head.state) ? 'RUN_ENDED' : null
  }
}
