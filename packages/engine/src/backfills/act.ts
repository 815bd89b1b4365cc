import { type Backfill, SluiceError, concurrencyOf, isBackfillOver, sets } from '@sluice/core'
import type { Change } from '../store/changes.ts'

/** What a person may ask of a backfill. */
export type BackfillAction = 'pause' | 'resume' | 'cancel' | 'retry'

type Decide = Extract<Change, { change: 'backfill.decide' }>

/**
 * What an action makes of a backfill; `null` where it is so already.
 *
 * `pause`: no run is made, those that have not started are taken back, those that go on end. `cancel`: those that go on
 * are stopped, too. `retry`: what failed is made again, and with it what it held back; of one that was canceled, all that
 * was not made.
 *
 * @throws SluiceError CONFLICT where its state does not allow it.
 */
export function actOnBackfill(backfill: Backfill, action: BackfillAction, now: number): Decide | null {
  const { id, version, state, progress } = backfill
  const become = (next: Backfill['state'], over: Partial<Backfill['progress']> = {}): Decide => ({
    change: 'backfill.decide',
    backfill: id,
    from: version,
    state: next,
    progress: { ...progress, ...over },
    endedAt: null,
    at: now,
  })
  const refuse = (hint: string): SluiceError =>
    new SluiceError(
      'CONFLICT',
      `Backfill ${id} is ${state}: it cannot ${action === 'retry' ? 'be tried again' : action}.`,
      {
        hint,
      },
    )
  switch (action) {
    case 'pause':
      if (state === 'paused') return null
      if (state === 'running') return become('paused')
      throw refuse(`sluice backfills show ${id}`)
    case 'resume':
      if (state === 'running') return null
      if (state === 'paused') return become('running')
      throw refuse(
        state === 'succeeded' ? 'Everything is made.' : `sluice backfills retry ${id} makes what is missing.`,
      )
    case 'cancel':
      if (state === 'canceling' || state === 'canceled') return null
      if (!isBackfillOver(state)) return become('canceling')
      throw refuse(`sluice backfills show ${id}`)
    case 'retry': {
      if (state === 'canceling') throw refuse('Wait until its runs have stopped.')
      const isOver = isBackfillOver(state)
      const hasMore = isOver ? state !== 'succeeded' : progress.parts.some(({ failed }) => !sets.isEmpty(failed))
      if (!hasMore) throw refuse('Nothing of it failed.')
      const parts = progress.parts.map((part) => ({
        ...part,
        asked: isOver ? part.done : sets.difference(part.asked, part.failed),
        failed: sets.none,
      }))
      return become(isOver ? 'running' : state, { parts, isAgain: true })
    }
  }
}

/**
 * Another concurrency, from now on: its runs that have not started are taken back and made anew; those that go on end.
 * `null` where it is so already.
 *
 * @param concurrency `null` for as many as there are places.
 * @throws SluiceError CONFLICT where it is over.
 */
export function changeConcurrency(backfill: Backfill, concurrency: number | null, now: number): Decide | null {
  const { id, version, state, progress } = backfill
  if (isBackfillOver(state) || state === 'canceling')
    throw new SluiceError('CONFLICT', `Backfill ${id} is ${state}: it makes no more runs.`, {
      hint: `sluice backfills show ${id}`,
    })
  if (concurrencyOf(backfill) === concurrency) return null
  return {
    change: 'backfill.decide',
    backfill: id,
    from: version,
    state,
    progress: { ...progress, concurrency, outdated: progress.open },
    endedAt: null,
    at: now,
  }
}
