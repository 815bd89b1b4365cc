import type { FromWorker, RunOutcome, ToWorker } from '@sluice/api/workers'
import type { Run } from '@sluice/core'
import { type Change, type Store, afterChild } from '@sluice/engine'
import { type Connected, describeDeath } from './connected.ts'

type Output = Extract<FromWorker, { message: 'output' }>
type Done = Extract<FromWorker, { message: 'done' }>

export interface KeptOptions {
  readonly store: Store
  readonly now: () => number
  readonly wake: () => void
}

/** What workers say until it is in the store: what was printed, and how processes ended. */
export interface Kept {
  /** Once, and in the order of its numbers; what could not be stored is said again, with all that follows it. */
  keep(worker: Connected, message: Output | Done): Promise<void>
  /** The session is over. */
  forget(session: string): void
}

export function openKept({ store, now, wake }: KeptOptions): Kept {
  /** The last number of each session that is in the store: what was said again is not written again. */
  const lastOf = new Map<string, number>()
  /**
   * The next number on a connection: those behind one that could not be stored wait for it. What comes first on one is
   * the oldest that no server has kept, whichever the worker was connected to before.
   */
  const nextOf = new WeakMap<Connected, number>()
  /** One at a time of a session: what came over a connection that broke may be on its way into the store still. */
  const lastWorkOf = new Map<string, Promise<void>>()

  const done = async (worker: Connected, message: Done): Promise<void> => {
    const { run: id, epoch, outcome } = message
    if (worker.runs.get(id)?.epoch === epoch) worker.runs.delete(id)
    const run = await store.runs.get(id)
    if (!run || run.epoch !== epoch || run.owner !== worker.session) return wake()
    const end =
      outcome.how === 'failed' || outcome.how === 'given-back'
        ? outcome
        : { how: 'died' as const, what: await whatHappened(run, outcome) }
    const then = afterChild(run, end, now())
    await store.commit(end.how === 'died' ? [told(run, end.what, now()), then] : [then])
    wake()
  }

  const output = async ({ name }: Connected, { of, lines: said }: Output) => {
    const lines = said.map((line) => ({ ...line, id: 0, run: of?.run ?? '', attempt: 0, data: null }))
    await store.commit([of ? { change: 'log.add', ...of, lines } : { change: 'worker.log', name, lines }])
  }

  const whatHappened = async ({ id }: Run, outcome: RunOutcome): Promise<string> => {
    if (outcome.how !== 'died') return 'it stopped without an end'
    const inFlight: string[] = []
    for (let after = 0; ;) {
      const steps = await store.steps.list(id, { after })
      for (const { name, key, state } of steps)
        if (state === 'running') inFlight.push(key === null ? name : `${name} ${key}`)
      const last = steps.at(-1)
      if (!last) return describeDeath(outcome, inFlight)
      after = last.step
    }
  }

  const keep = async (worker: Connected, message: Output | Done): Promise<void> => {
    const { session } = worker
    const { seq } = message
    if (seq > (lastOf.get(session) ?? 0)) {
      const next = nextOf.get(worker) ?? seq
      if (seq > next) return
      nextOf.set(worker, seq)
      await (message.message === 'done' ? done(worker, message) : output(worker, message))
      lastOf.set(session, seq)
      nextOf.set(worker, seq + 1)
    }
    worker.channel.send({ message: 'kept', seq } satisfies ToWorker)
  }

  return {
    keep(worker, message) {
      const { session } = worker
      const work = (lastWorkOf.get(session) ?? Promise.resolve()).then(() => keep(worker, message))
      lastWorkOf.set(
        session,
        work.catch(() => {}),
      )
      return work
    },
    forget(session) {
      lastOf.delete(session)
      lastWorkOf.delete(session)
    },
  }
}

/** How a process ended stands in the log of its run, also where the run goes on. */
function told({ id, epoch }: Run, what: string, at: number): Change {
  const message = `${what.charAt(0).toUpperCase()}${what.slice(1)}.`
  const line = { id: 0, run: id, step: 0, attempt: 0, at, level: 'error', message, data: null } as const
  return { change: 'log.add', run: id, epoch, lines: [line] }
}
