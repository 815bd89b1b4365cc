import type { Entry, Journal } from './journal.ts'
import type { Recorded } from './replay.ts'

const byTop = new WeakMap<Journal, Map<number, Recorded[]>>()

/** The recorded outcomes below one child of the root, in order: what its own replay delivers. */
export function recordedBelow(journal: Journal, top: Entry): readonly Recorded[] {
  let tops = byTop.get(journal)
  if (!tops) {
    tops = new Map()
    for (const row of journal.recorded) {
      if (row.parent === 0) continue
      let up = row.parent
      for (let above = journal.parentOf(up); above !== 0; above = journal.parentOf(up)) up = above
      const list = tops.get(up) ?? []
      list.push(row)
      tops.set(up, list)
    }
    byTop.set(journal, tops)
  }
  return tops.get(top.step) ?? []
}
