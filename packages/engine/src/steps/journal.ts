import { type JournalPage, type JournalRow, type Store, longestKept, unread } from '../store/ports.ts'
import type { Recorded } from './replay.ts'

/** What the engine needs of a row that is recorded: a run of 100,000 steps keeps as many of them in memory. */
export type Known = Omit<JournalRow, 'step' | 'parent' | 'identity'>

/** An outcome of an earlier process, and which step made the call. */
export interface RecordedCall extends Recorded {
  readonly parent: number
}

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
  readonly parent: number
  readonly base: string
  /** Others that have the same code. */
  readonly others: Calls | undefined
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
  readonly recorded: readonly RecordedCall[]
  calls(parent: number, base: string): Calls
  /** Gives a call its number. */
  add(calls: Calls, nth: number, parent: number): Entry
  /** The number of the next outcome. */
  nextSeq(): number
  lastSeq(): number
  /** The number of the step that called this one, which is one of an earlier process. */
  parentOf(step: number): number
}

/** Loads the rows of a run that was claimed already, a page at a time. A new run has none: `fresh` skips the question. */
export async function loadJournal(store: Store, run: string, fresh: boolean): Promise<Journal> {
  const { take, journal } = openJournal()
  if (fresh) return journal()
  let next = store.steps.journal(run, { after: -1 })
  for (;;) {
    const page = await next
    const last = page.step.at(-1)
    if (last === undefined) return journal()
    next = store.steps.journal(run, { after: last }) // the store reads on while this page is taken in
    take(page)
  }
}

/**
 * Pure: what the rows say. They are taken in the order of their numbers, so that a step comes after the one that called
 * it; when all are taken, `journal` gives what they make.
 */
export function openJournal(): { take(page: JournalPage): void; journal(): Journal } {
  // By a number: a text that is looked up becomes a name of the program to V8, which costs more than all else here.
  const index = new Map<number, Calls>()
  const root: Entry = { step: 0, parent: -1, row: undefined, opened: 0, waiters: undefined }
  const loaded: (Entry | undefined)[] = [root]
  const recorded: RecordedCall[] = []
  const closed: (true | undefined)[] = []
  let steps = 0
  let seq = 0
  const callsOf = (parent: number, base: string): Calls => {
    const code = codeOf(parent, base)
    const others = index.get(code)
    for (let calls = others; calls; calls = calls.others)
      if (calls.parent === parent && calls.base === base) return calls
    const made = { parent, base, others, caller: undefined, count: 0, flying: 0, first: undefined, more: undefined }
    index.set(code, made)
    return made
  }
  const put = (calls: Calls, nth: number, entry: Entry): Entry => {
    if (nth === 0) calls.first = entry
    else (calls.more ??= [])[nth - 1] = entry
    return entry
  }
  // An outcome counts where all above it are still to settle: below a settled step nobody will ask for it.
  const count = ({ step, parent }: Entry, row: Known): void => {
    const counts = row.seq !== null && !isVoid(row, loaded[parent])
    const below = closed[parent]
    if (counts || below) closed[step] = true
    if (counts && !below) recorded.push({ seq: row.seq, tracked: row.tracked, name: row.name, parent })
  }
  const takeRow = (step: number, parent: number, identity: string, row: Known): void => {
    seq = Math.max(seq, row.seq ?? 0, row.floor)
    steps = Math.max(steps, step)
    if (step === 0) root.row = row
    else {
      const [base, nth] = splitIdentity(identity)
      const entry = put(callsOf(parent, base), nth, { step, parent, row, opened: 0, waiters: undefined })
      loaded[step] = entry
      count(entry, row)
    }
  }
  return {
    take(page) {
      for (let n = 0; n < page.step.length; n++) {
        takeRow(page.step[n]!, page.parent[n]!, page.identity[n]!, {
          state: page.state[n]!,
          seq: page.seq[n]!,
          name: page.name[n]!,
          attempt: page.attempt[n]!,
          floor: page.floor[n]!,
          tracked: page.tracked[n]!,
          waitingFor: page.waitingFor[n]!,
          startedAt: page.startedAt[n]!,
          result: page.result[n]!,
          error: page.error[n]!,
          reason: page.reason[n]!,
        })
      }
    },
    journal: () => ({
      root,
      recorded: recorded.sort((a, b) => a.seq - b.seq),
      calls: callsOf,
      add: (calls, nth, parent) =>
        put(calls, nth, { step: ++steps, parent, row: undefined, opened: 0, waiters: undefined }),
      nextSeq: () => ++seq,
      lastSeq: () => seq,
      parentOf: (step) => loaded[step]?.parent ?? 0,
    }),
  }
}

/** Any number of 32 bits will do, as long as few share it (this is FNV-1a). */
function codeOf(parent: number, base: string): number {
  let code = (0x811c9dc5 ^ parent) | 0
  for (let at = 0; at < base.length; at++) code = Math.imul(code ^ base.charCodeAt(at), 0x01000193)
  return code
}

/** `name:hash:2` is the third call with this name and these inputs. */
function splitIdentity(identity: string): [base: string, nth: number] {
  const end = identity.lastIndexOf(':')
  return [identity.slice(0, end), Number(identity.slice(end + 1))]
}

export function entryOf(calls: Calls, nth: number): Entry | undefined {
  return nth === 0 ? calls.first : calls.more?.[nth - 1]
}

/** Of an outcome that is on disk and was asked for, a long result is let go: whoever asks again reads it. */
export function letGo(entry: Entry): void {
  const { row } = entry
  const result = row?.result
  if (typeof result !== 'object' || result === null || !('inline' in result)) return
  if (result.inline.length > longestKept) entry.row = { ...row!, result: unread }
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
