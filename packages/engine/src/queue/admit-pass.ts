import { type RunTerms, SluiceError, type Worker, toStoredError } from '@sluice/core'
import type { Change } from '../store/changes.ts'
import type { Candidate, Store } from '../store/ports.ts'
import { chooseVersion } from './choose-version.ts'

/** How long a run that no worker can execute is left alone before it is looked at again. */
const lookAgainAfter = 5_000
/** Runs that one pass admits to a pool at most: a pass stays short. */
const atMost = 200

export interface AdmitOptions {
  readonly store: Store
  readonly now: number
  /** Told of code that a run waits for and no worker of its pool has: somebody may bring it. */
  readonly wanted?: (location: string, version: string) => void
}

/**
 * Hands runs from the queue to their pools: as many as there are free slots, in the order of their turns. What the
 * limits allow is decided by the store, in the transaction that takes the slots. Gives how many were delivered.
 */
export async function admitPass({ store, now, wanted }: AdmitOptions): Promise<number> {
  // Asked of the pools that have workers, not of the queue: it may be a million runs long.
  const [due, workers, locations] = await Promise.all([
    store.queue.nextDue(),
    store.workers.list(),
    store.locations.list(),
  ])
  if (due !== null && due <= now) await store.commit([{ change: 'queue.due', at: now }])
  const pools = [...new Set(workers.map((worker) => worker.pool))]
  if (pools.length === 0) return 0
  const names = pools.map((pool) => `pool:${pool}`)
  const slots = await store.slots.summary({ names, limit: pools.length })
  // Side by side: what they commit at the same moment shares a transaction.
  const delivered = await Promise.all(
    pools.map((pool) => {
      const own = workers.filter((worker) => worker.pool === pool)
      const capacity = own.reduce((sum, { draining, slots: its }) => sum + (draining ? 0 : its), 0)
      const held = slots.find(({ name }) => name === `pool:${pool}`)?.held ?? 0
      return admitTo({ store, now, wanted, pool, workers: own, locations, capacity, free: capacity - held })
    }),
  )
  return delivered.reduce((sum, count) => sum + count, 0)
}

interface Pool extends Pick<AdmitOptions, 'store' | 'now'> {
  readonly wanted: AdmitOptions['wanted']
  readonly pool: string
  readonly workers: readonly Worker[]
  readonly locations: Awaited<ReturnType<Store['locations']['list']>>
  readonly capacity: number
  readonly free: number
}

async function admitTo({ store, now, wanted, pool, workers, locations, capacity, free }: Pool): Promise<number> {
  let delivered = 0
  const tried = new Set<string>()
  // A run that is blocked leaves the line, so that asking again brings others.
  for (let left = Math.min(free, atMost); left > 0;) {
    const candidates = (await store.queue.next(pool, left)).filter(({ run }) => !tried.has(run))
    if (candidates.length === 0) break
    const changes: Change[] = []
    for (const one of candidates) {
      tried.add(one.run)
      const chosen = chooseVersion({ ...one, onCodeChange: await onCodeChange(store, one) }, locations, workers)
      if ('wait' in chosen && chosen.wait !== undefined) wanted?.(one.location, chosen.wait)
      changes.push(
        'version' in chosen
          ? { change: 'run.deliver', run: one.run, epoch: one.epoch, capacity, at: now }
          : 'wait' in chosen
            ? waitForCode(one, chosen.wait, now)
            : failForCode(one, chosen.fail, now),
      )
    }
    const committed = await store.commit(changes)
    const admitted = committed.filter(({ ok }, nth) => ok && changes[nth]!.change === 'run.deliver').length
    delivered += admitted
    left -= admitted
  }
  return delivered
}

/** Asked only of a run that has started before. */
async function onCodeChange(store: Store, { run, codeVersion }: Candidate): Promise<RunTerms['onCodeChange']> {
  if (codeVersion === null) return 'resume'
  // A row that is damaged holds back no other: it is ended by who claims it.
  const known = await store.runs.get(run).catch(() => null)
  return known?.terms?.onCodeChange ?? 'resume'
}

function waitForCode({ run, epoch }: Candidate, version: string | undefined, now: number): Change {
  const waitingFor = version === undefined ? ({ for: 'worker' } as const) : ({ for: 'worker', version } as const)
  return { change: 'queue.wait', run, epoch, until: now + lookAgainAfter, waitingFor }
}

function failForCode({ run, epoch }: Candidate, version: string, now: number): Change {
  const error = new SluiceError(
    'CODE_CHANGED',
    `Run ${run} started with the code ${version}, which is active no more.`,
    { hint: `sluice runs retry ${run} starts it anew, with what succeeded.` },
  )
  return {
    change: 'run.end',
    run,
    epoch,
    state: 'failed',
    error: { ...toStoredError(error), stack: '' },
    result: null,
    at: now,
  }
}
