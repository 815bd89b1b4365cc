import type { RetentionSettings } from '@sluice/core'
import type { OldQuery } from '../store/history-reads.ts'

/** What may be deleted of one kind. */
export type Cut = Pick<OldQuery, 'of' | 'before' | 'unread'>

/** What is too old by now, in the order in which it goes: lines first, as most of the bytes are theirs. */
export function cutsOf(keep: RetentionSettings, now: number): readonly Cut[] {
  const cuts: Cut[] = []
  const add = (kept: number | null, of: readonly OldQuery['of'][], unread?: number): void => {
    if (kept === null) return
    const before = now - kept
    for (const one of of) cuts.push({ of: one, before, ...(unread !== undefined && { unread: before - unread }) })
  }
  add(keep.logs, ['logs'])
  add(keep.runs, ['runs', 'backfills', 'records', 'checks', 'words'])
  add(keep.events, ['events'], keep.unread)
  add(keep.events, ['alerts'])
  add(keep.ticks, ['ticks'])
  add(keep.conditions ?? keep.ticks, ['evaluations'])
  add(keep.runs, ['versions']) // after the runs that need them
  add(0, ['cache'])
  return cuts
}

/**
 * What holds for a store that several locations share: nothing goes before the one that keeps it longest lets it. One that
 * says nothing keeps everything. `null`: nothing is deleted.
 */
export function longest(settings: readonly (RetentionSettings | null)[]): RetentionSettings | null {
  if (settings.length === 0 || settings.includes(null)) return null
  const all = settings as readonly RetentionSettings[]
  const most = (kept: readonly (number | null)[]): number | null =>
    kept.includes(null) ? null : Math.max(...(kept as number[]))
  const of = (name: 'runs' | 'logs' | 'events' | 'ticks'): number | null => most(all.map((one) => one[name]))
  const conditions = most(all.map((one) => one.conditions ?? one.ticks))
  const unread = Math.max(...all.map((one) => one.unread))
  return {
    runs: of('runs'),
    logs: of('logs'),
    events: of('events'),
    ticks: of('ticks'),
    ...(conditions !== null && { conditions }),
    unread,
  }
}
