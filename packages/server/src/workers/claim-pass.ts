import { type Run, type SluiceError, toStoredError } from '@sluice/core'
import type { Candidate, Store } from '@sluice/engine'
import { type Connected, hasCode, roomOf } from './connected.ts'

export interface ClaimOptions {
  readonly store: Store
  readonly now: () => number
  /** Those that are connected to this server. */
  readonly workers: ReadonlySet<Connected>
  /** The run is this worker's from now on. */
  readonly start: (worker: Connected, run: Run, version: string) => void
}

/** Gives delivered runs to workers that have a free slot. How many it gave. */
export async function claimPass(options: ClaimOptions): Promise<number> {
  const pools = [...new Set([...options.workers].map((worker) => worker.pool))]
  // Side by side: what they commit at the same moment shares a transaction.
  let read: ReturnType<Store['locations']['list']> | undefined
  const locations = () => (read ??= options.store.locations.list())
  const given = await Promise.all(pools.map((pool) => claimIn(pool, options, locations)))
  return given.reduce((sum, count) => sum + count, 0)
}

async function claimIn(
  pool: string,
  { store, now, workers, start }: ClaimOptions,
  locations: Store['locations']['list'],
): Promise<number> {
  const rooms = new Map([...workers].filter((one) => one.pool === pool).map((one) => [one, roomOf(one)]))
  const room = [...rooms.values()].reduce((sum, its) => sum + Math.max(0, its), 0)
  const delivered = room > 0 ? await store.queue.delivered(pool, room) : []
  if (delivered.length === 0) return 0
  const known = await locations()
  const chosen = delivered.flatMap((candidate) => {
    const active = known.find(({ name }) => name === candidate.location)?.active ?? null
    const one = chooseWorker(rooms, candidate, active)
    if (one) rooms.set(one.worker, rooms.get(one.worker)! - 1)
    return one ? [{ ...one, ...candidate }] : []
  })
  if (chosen.length === 0) return 0
  const claimed = await store.commit(
    chosen.map(({ run, epoch: from, worker, version: codeVersion }) => {
      const owner = worker.session
      return { change: 'run.claim', run, from, owner, bySession: true, at: now(), codeVersion } as const
    }),
  )
  const started = await Promise.all(
    chosen.map(async ({ run: id, epoch, worker, version }, nth) => {
      const run = claimed[nth]?.ok ? await runOrEnd(id, epoch + 1, store, now) : null
      if (run?.owner !== worker.session) return false
      start(worker, run, version)
      return true
    }),
  )
  return started.filter(Boolean).length
}

/** The one with most room that has the code it started with, or otherwise the code that is active. */
function chooseWorker(
  rooms: ReadonlyMap<Connected, number>,
  { location, codeVersion }: Candidate,
  active: string | null,
): { readonly worker: Connected; readonly version: string } | null {
  const free = [...rooms].filter(([, room]) => room > 0).toSorted(([, a], [, b]) => b - a)
  for (const version of [codeVersion, active]) {
    const able = version === null ? undefined : free.find(([worker]) => hasCode(worker, location, version))
    if (version !== null && able) return { worker: able[0], version }
  }
  return null
}

/** One whose row is damaged ends here: left claimed it would hold its slot, and its worker, for ever. */
async function runOrEnd(run: string, epoch: number, store: Store, now: () => number): Promise<Run | null> {
  try {
    return await store.runs.get(run)
  } catch (error) {
    if ((error as SluiceError).code !== 'STORE_CORRUPT') throw error
    const end = { change: 'run.end', state: 'failed', result: null, at: now() } as const
    await store.commit([{ ...end, run, epoch, error: toStoredError(error) }])
    return null
  }
}
