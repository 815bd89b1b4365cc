import { type Run, type SluiceError, toStoredError } from '@sluice/core'
import type { Store } from '@sluice/engine'
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
export async function claimPass({ store, now, workers, start }: ClaimOptions): Promise<number> {
  let given = 0
  /** One whose row is damaged ends here: left claimed it would hold its slot, and its worker, for ever. */
  const runOrEnd = async (run: string, epoch: number): Promise<Run | null> => {
    try {
      return await store.runs.get(run)
    } catch (error) {
      if ((error as SluiceError).code !== 'STORE_CORRUPT') throw error
      const end = { change: 'run.end', state: 'failed', result: null, at: now() } as const
      await store.commit([{ ...end, run, epoch, error: toStoredError(error) }])
      return null
    }
  }
  const free = (pool: string): Connected[] => [...workers].filter((one) => one.pool === pool && roomOf(one) > 0)
  for (const pool of new Set([...workers].map((worker) => worker.pool))) {
    const room = free(pool).reduce((sum, worker) => sum + roomOf(worker), 0)
    if (room === 0) continue
    const delivered = await store.queue.delivered(pool, room)
    const locations = delivered.length > 0 ? await store.locations.list() : []
    for (const { run: id, epoch: from, location, codeVersion } of delivered) {
      const able = (version: string | null | undefined): Connected | undefined =>
        version
          ? free(pool)
              .filter((worker) => hasCode(worker, location, version))
              .toSorted((a, b) => roomOf(b) - roomOf(a))[0]
          : undefined
      const current = locations.find(({ name }) => name === location)?.active
      const own = able(codeVersion)
      const worker = own ?? able(current)
      const version = own ? codeVersion : current
      if (!worker || !version) continue
      const claim = {
        change: 'run.claim',
        run: id,
        from,
        owner: worker.session,
        bySession: true,
        at: now(),
        codeVersion: version,
      } as const
      const [claimed] = await store.commit([claim])
      const run = claimed?.ok ? await runOrEnd(id, from + 1) : null
      if (run?.owner !== worker.session) continue
      start(worker, run, version)
      given += 1
    }
  }
  return given
}
