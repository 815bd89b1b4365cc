import type { Step } from '@sluice/core'
import type { Store } from '../store/ports.ts'

/** What the engine needs of a row that is recorded: a run of 100,000 steps keeps as many of them in memory. */
export type Known = Pick<
  Step,
  | 'state'
  | 'seq'
  | 'name'
  | 'attempt'
  | 'floor'
  | 'tracked'
  | 'waitingFor'
  | 'startedAt'
  | 'result'
  | 'error'
  | 'reason'
>

/** A call that the run knows: of this process, or of an earlier one. */
export interface Entry {
  readonly step: number
  readonly parent: number
  /** The row as last recorded; `undefined` for a call whose row is not written yet. */
  row: Known | undefined
  /** The last attempt that this process opened; 0 for none. A later one must be higher, whatever the row says. */
  opened: number
  /** Who waits for the outcome to be on disk; `undefined` where it is. */
  waiters: (() => void)[] | undefined
}

/** The calls below one step that have one name and the same inputs, in the order they were made. */
export interface Calls {
  /** The attempt of the caller that is counting: the next one counts from the start. */
  caller: object | undefined
  count: number
  /** How many of the caller's have not come back. */
  flying: number
  /** Nearly always there is one, so it needs no list. */
  first: Entry | undefined
  more: (Entry | undefined)[] | undefined
}

/** What is known of a run's calls, found by where they are made. */
export interface Journal {
  readonly root: Entry
  /** Outcomes that a replay delivers, by number. */
  readonly recorded: readonly Step[]
  calls(parent: number, base: string): Calls
  /** Gives a call its number. */
  add(calls: Calls, nth: number, parent: number): Entry
  /** The number of the next outcome. */
  nextSeq(): number
  lastSeq(): number
  /** The number of the step that called this one. */
  parentOf(step: number): number
}

/** Loads the rows of a run that was claimed already, a chunk at a time. A new run has none: `fresh` skips the question. */
export async function loadJournal(store: Store, run: string, fresh: boolean): Promise<Journal> {
  const rows: Step[] = []
  for (let after = -1; !fresh;) {
    const chunk = await store.steps.list(run, { after })
    for (const row of chunk) rows.push(row)
    if (chunk.length === 0) break
    after = chunk.at(-1)!.step
  }
  return indexJournal(rows)
}

/** Pure: what the rows say. */
export function indexJournal(rows: readonly Step[]): Journal {
  const index = new Map<number, Map<string, Calls>>()
  const root: Entry = { step: 0, parent: -1, row: undefined, opened: 0, waiters: undefined }
  const byNumber: (Entry | undefined)[] = [root]
  let steps = 0
  let seq = 0
  const callsOf = (parent: number, base: string): Calls => {
    let below = index.get(parent)
    if (!below) index.set(parent, (below = new Map()))
    let calls = below.get(base)
    if (!calls) below.set(base, (calls = { caller: undefined, count: 0, flying: 0, first: undefined, more: undefined }))
    return calls
  }
  const put = (calls: Calls, nth: number, entry: Entry): Entry => {
    if (nth === 0) calls.first = entry
    else (calls.more ??= [])[nth - 1] = entry
    return (byNumber[entry.step] = entry)
  }
  for (const row of rows) {
    seq = Math.max(seq, row.seq ?? 0, row.floor)
    steps = Math.max(steps, row.step)
    if (row.step === 0) root.row = row
    else {
      const [base, nth] = splitIdentity(row.identity)
      put(callsOf(row.parent, base), nth, { step: row.step, parent: row.parent, row, opened: 0, waiters: undefined })
    }
  }
  // An outcome counts where all above it are still to settle: below a settled step nobody will ask for it.
  const recorded: Step[] = []
  const closed = new Set<number>()
  for (const row of rows) {
    if (row.step === 0) continue
    const counts = row.seq !== null && !isVoid(row, byNumber[row.parent])
    if (counts || closed.has(row.parent)) closed.add(row.step)
    if (counts && !closed.has(row.parent)) recorded.push(row)
  }
  recorded.sort((a, b) => a.seq! - b.seq!)
  return {
    root,
    recorded,
    calls: callsOf,
    add: (calls, nth, parent) =>
      put(calls, nth, { step: ++steps, parent, row: undefined, opened: 0, waiters: undefined }),
    nextSeq: () => ++seq,
    lastSeq: () => seq,
    parentOf: (step) => byNumber[step]?.parent ?? 0,
  }
}

/** `name:hash:2` is the third call with this name and these inputs. */
function splitIdentity(identity: string): [base: string, nth: number] {
  const end = identity.lastIndexOf(':')
  return [identity.slice(0, end), Number(identity.slice(end + 1))]
}

export function entryOf(calls: Calls, nth: number): Entry | undefined {
  return nth === 0 ? calls.first : calls.more?.[nth - 1]
}

export function isSettled(entry: Entry): boolean {
  return entry.row !== undefined && entry.row.seq !== null
}

/** A failure of an earlier attempt of its parent: tried again with it. Successes count for every attempt. */
export function isVoid(row: Pick<Known, 'state' | 'seq'>, parent: Entry | undefined): boolean {
  return (
    row.state !== 'succeeded' && row.state !== 'skipped' && row.seq !== null && row.seq <= (parent?.row?.floor ?? 0)
  )
}
