import { SluiceError } from '../errors/sluice-error.ts'
import type { Awaitable } from '../schema.ts'
import { type Duration, milliseconds } from '../time/duration.ts'

/**
 * When an asset (or a check) is to be made again, as plain data: what a snapshot holds and the server evaluates. Every
 * condition is a question that has a set of slices for an answer. The words are Dagster's, and mean what they mean there.
 */
export type ConditionSpec = { readonly label?: string } & (
  | { readonly op: Operand }
  | { readonly op: 'freshness'; readonly state: FreshnessState }
  | RunTags
  /** Milliseconds. */
  | { readonly op: 'inLatestTimeWindow'; readonly lookback?: number }
  | { readonly op: 'cronTickPassed'; readonly cron: string; readonly timeZone: string }
  | RetryDue
  | { readonly op: 'and' | 'or'; readonly of: readonly ConditionSpec[] }
  | { readonly op: 'not' | 'newlyTrue'; readonly of: ConditionSpec }
  | Since
  | OfDeps
  | { readonly op: 'anyChecksMatch' | 'allChecksMatch'; readonly of: ConditionSpec; readonly blockingOnly?: boolean }
  | { readonly op: 'assetMatches'; readonly asset: string; readonly of: ConditionSpec }
  | { readonly op: 'anyDownstreamConditions' }
  | Custom
)

/** What code of the location says, turned into a set before the evaluation. */
export interface Custom {
  readonly op: 'custom'
  readonly name: string
  /** Milliseconds between two questions. */
  readonly every: number
  /** Left out of snapshots. */
  readonly run?: CustomRun
}

/**
 * Of which slices of an asset is it true? `true` and `false` for all and none, or the keys; keys that do not exist are
 * left out. Called by a worker, never by the server.
 */
export type CustomRun = (context: {
  readonly asset: string
  readonly now: Temporal.Instant
  readonly signal: AbortSignal
}) => Awaitable<boolean | Iterable<string>>

export const operands = [
  'missing',
  'runInProgress',
  'backfillInProgress',
  'executionFailed',
  'initialEvaluation',
  'willBeRequested',
  'newlyUpdated',
  'newlyRequested',
  'codeVersionChanged',
  'dataVersionChanged',
  'checkPassed',
  'checkFailed',
  'executedWithRootTarget',
] as const
export type Operand = (typeof operands)[number]
export type FreshnessState = 'passed' | 'warned' | 'failed'

export interface RunTags {
  readonly op: 'executedWithTags' | 'anyNewUpdateHasRunTags' | 'allNewUpdatesHaveRunTags'
  readonly keys?: readonly string[]
  readonly values?: Readonly<Record<string, string>>
}

export interface Since {
  readonly op: 'since'
  readonly trigger: ConditionSpec
  readonly reset: ConditionSpec
  /**
   * `'each'`: a trigger stays until a reset that came after it, so that what happens while a request is under way is
   * not lost. Without it a reset of the same tick wins, as in Dagster, where the times of both are not known.
   */
  readonly keeps?: 'each'
}

export interface OfDeps {
  readonly op: 'anyDepsMatch' | 'allDepsMatch'
  readonly of: ConditionSpec
  /** Selections: only these of the deps, not these. Not called as the methods are: a method would stand for them. */
  readonly allowed?: string
  readonly ignored?: string
}

/** A failed run is due to be tried again: at most `max` times in a row, `delay` (ms) after it failed, doubled each time. */
export interface RetryDue {
  readonly op: 'retryDue'
  readonly max: number
  readonly delay: number
}

/** A condition, to be combined with others. Frozen; its data is what JSON says. */
export type Condition = ConditionSpec & Combinators

interface Combinators {
  and(...others: readonly ConditionSpec[]): Condition
  or(...others: readonly ConditionSpec[]): Condition
  not(): Condition
  /** Becomes true when this does, and stays so until `reset` is true. */
  since(reset: ConditionSpec): Condition
  /** True only where this was not true at the tick before. */
  newlyTrue(): Condition
  /** Has it become true since the asset was last requested or made, and since the condition was first evaluated? */
  sinceLastHandled(): Condition
  /** A name for screens, and for `replace`. */
  labeled(label: string): Condition
  /** The same with another condition in place of those with this label or operator, or equal to this. */
  replace(old: string | ConditionSpec, by: ConditionSpec): Condition
  /** An `and` without one of its parts. */
  without(part: ConditionSpec): Condition
  /** Every question about deps is asked only of those that the selection selects. */
  allow(selection: string): Condition
  /** Every question about deps is not asked of those that the selection selects. */
  ignore(selection: string): Condition
}

const combinators: Combinators & ThisType<ConditionSpec> = {
  and(...others) {
    return condition({ op: 'and', of: [...flat(this, 'and'), ...others] })
  },
  or(...others) {
    return condition({ op: 'or', of: [...flat(this, 'or'), ...others] })
  },
  not() {
    return condition({ op: 'not', of: this })
  },
  since(reset) {
    return condition({ op: 'since', trigger: this, reset })
  },
  newlyTrue() {
    return condition({ op: 'newlyTrue', of: this })
  },
  sinceLastHandled() {
    return condition({ op: 'since', trigger: this, reset: handled })
  },
  labeled(label) {
    return condition({ ...this, label })
  },
  replace(old, by) {
    return condition(replaced(this, old, by))
  },
  without(part) {
    if (this.op !== 'and') throw refuse('only an `and` has parts that can be left out')
    const of = this.of.filter((one) => !isEqual(one, part))
    if (of.length === this.of.length) throw refuse('it has no such part')
    if (of.length < 2) throw refuse('two parts must be left')
    return condition({ ...this, of })
  },
  allow(selection) {
    return condition(restricted(this, 'allowed', selection))
  },
  ignore(selection) {
    return condition(restricted(this, 'ignored', selection))
  },
}

/** An unlabeled `and` of an `and` is one `and`. */
const flat = (one: ConditionSpec, op: 'and' | 'or'): readonly ConditionSpec[] =>
  one.op === op && one.label === undefined ? one.of : [one]

function refuse(why: string): SluiceError {
  return new SluiceError('DEFINITION_INVALID', `The condition cannot be changed like this: ${why}.`, {
    hint: 'Write it anew from its parts.',
  })
}

/** @param spec plain data, such as a snapshot has. */
export function condition(spec: ConditionSpec): Condition {
  return Object.freeze(Object.assign(Object.create(combinators) as Combinators, spec))
}

const stable = (spec: ConditionSpec): string => JSON.stringify(spec)
const isEqual = (a: ConditionSpec, b: ConditionSpec): boolean => stable(a) === stable(b)

/** The same with each of its parts changed. */
export function mapParts(spec: ConditionSpec, change: (part: ConditionSpec) => ConditionSpec): ConditionSpec {
  switch (spec.op) {
    case 'since':
      return { ...spec, trigger: change(spec.trigger), reset: change(spec.reset) }
    case 'and':
    case 'or':
      return { ...spec, of: spec.of.map(change) }
    case 'not':
    case 'newlyTrue':
    case 'anyDepsMatch':
    case 'allDepsMatch':
    case 'anyChecksMatch':
    case 'allChecksMatch':
    case 'assetMatches':
      return { ...spec, of: change(spec.of) }
    default:
      return spec
  }
}

/** The conditions that it is made of, in the order in which they are evaluated. */
export function partsOf(spec: ConditionSpec): readonly ConditionSpec[] {
  const parts: ConditionSpec[] = []
  mapParts(spec, (part) => {
    parts.push(part)
    return part
  })
  return parts
}

function replaced(spec: ConditionSpec, old: string | ConditionSpec, by: ConditionSpec): ConditionSpec {
  const isMeant = typeof old === 'string' ? spec.label === old || spec.op === old : isEqual(spec, old)
  return isMeant ? by : mapParts(spec, (part) => replaced(part, old, by))
}

function restricted(spec: ConditionSpec, what: 'allowed' | 'ignored', selection: string): ConditionSpec {
  if (spec.op !== 'anyDepsMatch' && spec.op !== 'allDepsMatch')
    return mapParts(spec, (part) => restricted(part, what, selection))
  const before = spec[what]
  return { ...spec, [what]: before === undefined ? selection : `(${before}) or (${selection})` }
}

const operand = (op: Operand): Condition => condition({ op })
export const or = (...of: ConditionSpec[]): ConditionSpec => ({ op: 'or', of })
export const and = (...of: ConditionSpec[]): ConditionSpec => ({ op: 'and', of })
export const not = (of: ConditionSpec): ConditionSpec => ({ op: 'not', of })

/** When the asset was last dealt with: requested, made, or first looked at. */
export const handled: ConditionSpec = {
  ...or({ op: 'newlyRequested' }, { op: 'newlyUpdated' }, { op: 'initialEvaluation' }),
  label: 'handled',
}

/** Selections: only these of the deps, not these. */
export interface DepOptions {
  readonly allow?: string
  readonly ignore?: string
}

function ofDeps(op: OfDeps['op'], of: ConditionSpec, { allow, ignore }: DepOptions): Condition {
  return condition({
    op,
    of,
    ...(allow !== undefined && { allowed: allow }),
    ...(ignore !== undefined && { ignored: ignore }),
  })
}

/**
 * The questions that conditions are made of. Each has a set of slices for an answer; `and`, `or`, `not`, `since`,
 * `newlyTrue`, `sinceLastHandled` make others of them. The words mean what they mean in Dagster.
 */
export const when = {
  /** Never made; where something else makes it, neither made nor observed. */
  missing: () => operand('missing'),
  /** A run that is to make it is under way and has not made it yet. */
  runInProgress: () => operand('runInProgress'),
  backfillInProgress: () => operand('backfillInProgress'),
  inProgress: () => condition({ ...or({ op: 'runInProgress' }, { op: 'backfillInProgress' }), label: 'inProgress' }),
  /** The last run that was to make it failed, and did not make it. A canceled one did not fail. */
  executionFailed: () => operand('executionFailed'),
  /** At the first tick, and where the kind of partitions has changed. */
  initialEvaluation: () => operand('initialEvaluation'),
  /** This tick requests it, in a run that the asked asset can share. */
  willBeRequested: () => operand('willBeRequested'),
  /** Made (or observed, where something else makes it) since the tick before. */
  newlyUpdated: () => operand('newlyUpdated'),
  /** The tick before requested it. */
  newlyRequested: () => operand('newlyRequested'),
  newlyMissing: () => condition({ op: 'newlyTrue', of: { op: 'missing' }, label: 'newlyMissing' }),
  codeVersionChanged: () => operand('codeVersionChanged'),
  dataVersionChanged: () => operand('dataVersionChanged'),
  /** Of a check: it ran against what the asset holds now, and passed. */
  checkPassed: () => operand('checkPassed'),
  checkFailed: () => operand('checkFailed'),
  freshness: (state: FreshnessState) => condition({ op: 'freshness', state }),
  /** The run that last made it was to make the asked asset too. */
  executedWithRootTarget: () => operand('executedWithRootTarget'),
  executedWithTags: (tags: Omit<RunTags, 'op'>) => condition({ op: 'executedWithTags', ...tags }),
  anyNewUpdateHasRunTags: (tags: Omit<RunTags, 'op'>) => condition({ op: 'anyNewUpdateHasRunTags', ...tags }),
  allNewUpdatesHaveRunTags: (tags: Omit<RunTags, 'op'>) => condition({ op: 'allNewUpdatesHaveRunTags', ...tags }),
  /** The newest slice by the clock, or those of `lookback` before its end. Without time: every slice. */
  inLatestTimeWindow: (lookback?: Duration) =>
    condition({ op: 'inLatestTimeWindow', ...(lookback !== undefined && { lookback: milliseconds(lookback) }) }),
  /** A tick of the cron lies between the tick before and this one. */
  cronTickPassed: (cron: string, timeZone = 'UTC') => condition({ op: 'cronTickPassed', cron, timeZone }),
  retryDue: ({ max, delay = '0s' }: RetryOptions) => condition({ op: 'retryDue', max, delay: milliseconds(delay) }),
  all: (...of: readonly ConditionSpec[]) => condition({ op: 'and', of }),
  any: (...of: readonly ConditionSpec[]) => condition({ op: 'or', of }),
  not: (of: ConditionSpec) => condition(not(of)),
  /** Of any of the slices that a slice is made from. */
  anyDepsMatch: (of: ConditionSpec, options: DepOptions = {}) => ofDeps('anyDepsMatch', of, options),
  /** For every dep, of any of the slices that a slice is made from. True of an asset without deps. */
  allDepsMatch: (of: ConditionSpec, options: DepOptions = {}) => ofDeps('allDepsMatch', of, options),
  anyChecksMatch: (of: ConditionSpec, options: { readonly blockingOnly?: boolean } = {}) =>
    condition({ op: 'anyChecksMatch', of, ...options }),
  allChecksMatch: (of: ConditionSpec, options: { readonly blockingOnly?: boolean } = {}) =>
    condition({ op: 'allChecksMatch', of, ...options }),
  /** Of another asset, through the edge between the two. */
  assetMatches: (asset: string, of: ConditionSpec) => condition({ op: 'assetMatches', asset, of }),
  /** What any asset below it asks for: makes what they need when they need it. */
  anyDownstreamConditions: () => condition({ op: 'anyDownstreamConditions' }),
  /** A dep was made since the tick before (not in a run of both), or this tick requests it. */
  anyDepsUpdated: () => condition(anyDepsUpdated),
  anyDepsMissing: () => condition(anyDepsMissing),
  anyDepsInProgress: () => condition(anyDepsInProgress),
  allDepsUpdatedSinceCron: (cron: string, timeZone = 'UTC') => condition(updatedSince(cron, timeZone)),
  allDepsBlockingChecksPassed: () => condition(blockingChecksPassed),
  /**
   * What your own code says, asked by the server every so often (default `'30s'`, at least `'1s'`) of each asset that the
   * condition is about.
   *
   * @param name for screens; equal names are one question.
   */
  custom: (name: string, options: { readonly every?: Duration }, run: CustomRun) =>
    condition({ op: 'custom', name, every: milliseconds(options.every ?? '30s'), run }),
}

/** The same as plain data, for a snapshot: without methods and functions. */
export function plainCondition(spec: ConditionSpec): ConditionSpec {
  const { run: _, ...own } = spec as Custom
  return mapParts(own, plainCondition)
}

export const anyDepsUpdated: ConditionSpec = {
  op: 'anyDepsMatch',
  of: or(
    {
      ...and({ op: 'newlyUpdated' }, not({ op: 'executedWithRootTarget' })),
      label: 'newlyUpdatedWithoutRoot',
    },
    { op: 'willBeRequested' },
  ),
  label: 'anyDepsUpdated',
}

export const anyDepsMissing: ConditionSpec = {
  op: 'anyDepsMatch',
  of: and({ op: 'missing' }, not({ op: 'willBeRequested' })),
  label: 'anyDepsMissing',
}

export const inProgress: ConditionSpec = {
  ...or({ op: 'runInProgress' }, { op: 'backfillInProgress' }),
  label: 'inProgress',
}

export const anyDepsInProgress: ConditionSpec = { op: 'anyDepsMatch', of: inProgress, label: 'anyDepsInProgress' }

export const updatedSince = (cron: string, timeZone: string): ConditionSpec => ({
  op: 'allDepsMatch',
  of: or(
    { op: 'since', trigger: { op: 'newlyUpdated' }, reset: { op: 'cronTickPassed', cron, timeZone } },
    { op: 'willBeRequested' },
  ),
  label: `allDepsUpdatedSinceCron(${cron}, ${timeZone})`,
})

const blockingChecksPassed: ConditionSpec = {
  op: 'allDepsMatch',
  of: {
    op: 'allChecksMatch',
    of: or({ op: 'checkPassed' }, { op: 'willBeRequested' }),
    blockingOnly: true,
    label: 'allBlockingChecksPassed',
  },
  label: 'allDepsBlockingChecksPassed',
}

export interface RetryOptions {
  /** How many times a failed run is tried again before something else must happen. */
  readonly max: number
  /** After the failure; doubled each time. Default at once. */
  readonly delay?: Duration
}
