import { isTerminalRun, type RunState } from '@sluice/core'
import type { DropCode } from '@sluice/engine/store'
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
    for (const id of ids) {
      const [row] = await this.#session.all(head(this.#session, { id }))
      if (row) this.#heads.set(id, row)
      else this.#heads.delete(id)
    }
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
