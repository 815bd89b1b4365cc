import type { Step } from '@sluice/core'
import type { Store } from '../store/ports.ts'

/** A call that the run knows: of this process, or of an earlier one. */
export interface Entry {
  readonly step: number
  readonly parent: number
  /** The row as last recorded; `undefined` for a call whose row is not written yet. */
  row: Step | undefined
  /** The last attempt that this process opened; 0 for none. A later one must be higher, whatever the row says. */
  opened: number
  /** Who waits for the outcome to be on disk; `undefined` where it is. */
  waiters: (() => void)[] | undefined
}

/** What is known of a run's calls, found by where they are made. */
export interface Journal {
  readonly root: Entry
  /** Outcomes that a replay delivers, by number. */
  readonly recorded: readonly Step[]
  find(parent: number, identity: string): Entry | undefined
  /** Gives the call its number. */
  add(parent: number, identity: string): Entry
  /** The number of the next outcome. */
  nextSeq(): number
  lastSeq(): number
  /** The number of the step that called this one. */
  parentOf(step: number): number
}

/** Loads the rows of a run that was claimed already, a chunk at a time. A new run has none: `fresh` skips the question. */
export async function loadJournal(store: Store, run: string, fresh: boolean): Promise<Journal> {
  const rows: Step[] = []
  for (let after = -1; !fresh; ) {
    const chunk = await store.steps.list(run, { after })
    rows.push(...chunk)
    if (chunk.length === 0) break
    after = chunk.at(-1)!.step
  }
  return indexJournal(rows)
}

/** Pure: what the rows say. */
export function indexJournal(rows: readonly Step[]): Journal {
  const byNumber = new Map<number, Entry>()
  const index = new Map<number, Map<string, Entry>>()
  const root: Entry = { step: 0, parent: -1, row: undefined, opened: 0, waiters: undefined }
  byNumber.set(0, root)
  let steps = 0
  let seq = 0
  const put = (entry: Entry, identity: string): void => {
    byNumber.set(entry.step, entry)
    let below = index.get(entry.parent)
    if (!below) index.set(entry.parent, (below = new Map()))
    below.set(identity, entry)
  }
  for (const row of rows) {
    seq = Math.max(seq, row.seq ?? 0, row.floor)
    steps = Math.max(steps, row.step)
    if (row.step === 0) root.row = row
    else put({ step: row.step, parent: row.parent, row, opened: 0, waiters: undefined }, row.identity)
  }
  // An outcome counts where its parent is still to settle: under a settled one nobody will ask for it.
  const recorded: Step[] = []
  for (const row of rows) {
    if (row.step === 0 || row.seq === null) continue
    const parent = byNumber.get(row.parent)
    if (parent && isSettled(parent) && parent !== root) continue
    if (!isVoid(row, parent)) recorded.push(row)
  }
  recorded.sort((a, b) => a.seq! - b.seq!)
  return {
    root,
    recorded,
    find: (parent, identity) => index.get(parent)?.get(identity),
    add(parent, identity) {
      const entry: Entry = { step: ++steps, parent, row: undefined, opened: 0, waiters: undefined }
      put(entry, identity)
      return entry
    },
    nextSeq: () => ++seq,
    lastSeq: () => seq,
    parentOf: (step) => byNumber.get(step)?.parent ?? 0,
  }
}

export function isSettled(entry: Entry): boolean {
  return entry.row !== undefined && entry.row.seq !== null
}

/** A failure of an earlier attempt of its parent: tried again with it. Successes count for every attempt. */
export function isVoid(row: Step, parent: Entry | undefined): boolean {
  return row.state !== 'succeeded' && row.state !== 'skipped' && row.seq !== null && row.seq <= (parent?.row?.floor ?? 0)
}
