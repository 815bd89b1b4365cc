import type { Mapping } from '../partitions/mapping.ts'
import type { PartitionsSpec } from '../partitions/set.ts'
import type { Spans } from '../partitions/spans.ts'
import type { RunId, RunTerms } from '../runs/run.ts'

/**
 * `paused`: no run is made, and those that had not started are taken back. `failed`: all that could be made is made, and
 * something failed. One that is over goes on by a retry.
 */
export type BackfillState = 'running' | 'paused' | 'canceling' | 'succeeded' | 'failed' | 'canceled'

/**
 * Which slices one run makes: `keys` that follow each other (1 by default; `all` for as many as follow each other), or
 * every slice that has the same key in one dimension of a grid.
 */
export type BackfillPolicy = { readonly keys: number | 'all' } | { readonly by: string }

/** What comes before the slices of a part. */
export interface PartEdge {
  /** Its place in the plan; its own: slices that need others of the same part. */
  readonly part: number
  readonly mapping: Mapping
  /** Whatever it comes to, the slice is made. */
  readonly soft: boolean
}

/** Assets that are made in the same runs: connected, with the same slices, each needing the same key of the others. */
export interface BackfillPart {
  /** None: a view in between, which nothing has to make; or the slices of a job, of which `launches` says what they run. */
  readonly assets: readonly string[]
  /** Of a partitioned job of a flow: what is run for each slice, with params that the code makes of its key. */
  readonly launches?: { readonly kind: 'flow' | 'task'; readonly name: string }
  readonly spec: PartitionsSpec | null
  /** The slices to make. */
  readonly set: Spans
  /** Parts in the plan come after all that they need. */
  readonly after: readonly PartEdge[]
  /** Of its runs; `null` for a view. */
  readonly terms: RunTerms | null
  readonly owners: readonly string[]
  /** Milliseconds from when a run is made until it starts at the earliest; left out for none. */
  readonly delay?: number
  /** The steps that make one key of all its assets: what one step makes together counts once. */
  readonly steps: number
  /** Milliseconds that a slice took in the past; `null` where none is known. */
  readonly expected: number | null
}

/** What a backfill makes: decided when it is created, and never changed. Slices are numbers of `domainOf(spec, at)`. */
export interface BackfillPlan {
  /** As it was asked for: a job, an asset or a selection, and which partitions. */
  readonly target: string
  readonly partitions: string
  readonly policy: BackfillPolicy
  /** Runs at once, as it was asked for; `null` for as many as there are places. `concurrencyOf` says what it is now. */
  readonly concurrency: number | null
  readonly job: string | null
  readonly tags: Readonly<Record<string, string>>
  /** The moment that its partitions are those of, in milliseconds since 1970, and what the dynamic sets held then. */
  readonly at: { readonly now: number; readonly dynamic: Readonly<Record<string, readonly string[]>> }
  readonly parts: readonly BackfillPart[]
}

/** How far a part is. `done` and `failed` are in `asked`; what is neither of them is in a run. */
export interface PartProgress {
  /** Given to a run. */
  readonly asked: Spans
  readonly done: Spans
  readonly failed: Spans
  /** Of its runs that have ended: their slices, and milliseconds from start to end, together. */
  readonly slices: number
  readonly busy: number
}

export interface BackfillProgress {
  readonly parts: readonly PartProgress[]
  /** Runs that were made and are not counted yet. */
  readonly open: readonly RunId[]
  /** Of all runs that have ended: how many, milliseconds in which at least one went on, and when the last one ended. */
  readonly runs: number
  readonly covered: number
  readonly lastEnd: number
  /** Runs at once since somebody changed that; `null` for as many as there are places. */
  readonly concurrency?: number | null
  /** Runs that were made for another concurrency: those that have not started are taken back and made anew. */
  readonly outdated?: readonly RunId[]
  /** It is tried again: its runs begin with what succeeded in those before. */
  readonly isAgain?: true
}

/** A backfill as the store keeps it: one row, however many slices. */
export interface Backfill {
  /** `b` and 20 letters and digits; ids sort by the time they were made. */
  readonly id: string
  readonly location: string
  readonly state: BackfillState
  /** Raised by every change: who decides, decides on what it read. */
  readonly version: number
  readonly plan: BackfillPlan
  readonly progress: BackfillProgress
  /** Milliseconds since 1970. */
  readonly createdAt: number
  readonly endedAt: number | null
}

/** The tag of its runs; its value is the backfill's id. */
export const backfillTag = 'sluice/backfill'

/** How many things one slice of a part makes: its assets, or a run of a job; none of a view. */
export const widthOf = ({ assets, launches }: Pick<BackfillPart, 'assets' | 'launches'>): number =>
  launches ? 1 : assets.length

/** How many of its runs go on at once; `null` for as many as there are places. */
export const concurrencyOf = ({ plan, progress }: Pick<Backfill, 'plan' | 'progress'>): number | null =>
  progress.concurrency === undefined ? plan.concurrency : progress.concurrency

export const isBackfillOver = (state: BackfillState): boolean =>
  state === 'succeeded' || state === 'failed' || state === 'canceled'
