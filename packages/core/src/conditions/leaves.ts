import type { Domain } from '../partitions/domain.ts'
import { difference, intersection, isEmpty, none, product, type Spans, span, unionAll } from '../partitions/spans.ts'
import { ceil, type Timeline } from '../partitions/time.ts'
import type { Node } from './compile.ts'
import type { ConditionSpec, RunTags } from './condition.ts'
import type { Facts, Timed } from './facts.ts'
import type { ConditionGraph, Entity } from './graph.ts'

export interface LeafContext {
  readonly graph: ConditionGraph
  readonly now: number
  readonly facts: Facts
  readonly root: Entity
  /** Is this the first evaluation, or the first with this kind of partitions? */
  readonly isInitial: boolean
  /** Of the tick before; `null`: the asked entity was not there. */
  readonly previousAt: number | null
  readonly requested: ReadonlyMap<Entity, Spans>
  domain(entity: Entity): Domain
  requestedBefore(entity: Entity): Spans
}

export interface Leaf {
  readonly set: Spans
  readonly times: readonly Timed[] | null
  /** The same, from when the runs began that caused them. */
  readonly began?: readonly Timed[]
  /** Is it true for one tick, by its nature? */
  readonly isMoment?: boolean
}

type LeafSpec = Exclude<ConditionSpec, { readonly of: unknown } | { readonly op: 'since' }>

const plain = (set: Spans): Leaf => ({ set, times: null })

/** What a question without parts says. */
export function leaf(spec: ConditionSpec, node: Node, entity: Entity, candidate: Spans, on: LeafContext): Leaf {
  if (isEmpty(candidate)) return plain(none)
  const { facts } = on
  const one = spec as LeafSpec
  switch (one.op) {
    case 'missing':
      return plain(
        entity.check ? whole(facts.check(entity) === null) : difference(candidate, facts.materialized(entity)),
      )
    case 'runInProgress':
      return plain(entity.check ? whole(facts.check(entity) === 'running') : facts.runInProgress(entity))
    case 'backfillInProgress':
      return plain(entity.check ? none : facts.backfillInProgress(entity))
    case 'executionFailed':
      return plain(entity.check ? whole(facts.check(entity) === 'broken') : facts.executionFailed(entity))
    case 'checkPassed':
      return plain(whole(entity.check !== null && facts.check(entity) === 'passed'))
    case 'checkFailed':
      return plain(whole(entity.check !== null && facts.check(entity) === 'failed'))
    case 'initialEvaluation':
      return { set: on.isInitial ? candidate : none, times: null, isMoment: true }
    case 'willBeRequested':
      return { ...plain(willBeRequested(entity, on)), isMoment: true }
    case 'newlyUpdated':
      return newlyUpdated(entity, on)
    case 'newlyRequested': {
      const set = on.previousAt === null && on.isInitial ? none : on.requestedBefore(entity)
      return {
        set,
        times: isEmpty(set) || on.previousAt === null ? null : [{ at: on.previousAt, set }],
        isMoment: true,
      }
    }
    case 'dataVersionChanged':
      return { ...plain(on.previousAt === null ? none : facts.dataChanged(entity)), isMoment: true }
    case 'executedWithRootTarget':
      return plain(withRun(entity, candidate, on, ({ targets }) => entity !== on.root && targets.has(on.root.id)))
    case 'executedWithTags':
      return plain(withRun(entity, candidate, on, ({ tags }) => hasTags(tags, one)))
    case 'anyNewUpdateHasRunTags':
    case 'allNewUpdatesHaveRunTags':
      return { ...plain(on.previousAt === null ? none : updatesWith(entity, on, one)), isMoment: true }
    case 'freshness':
      return plain(facts.freshness(entity) === one.state ? candidate : none)
    case 'inLatestTimeWindow':
      return plain(latestWindow(on.domain(entity), one.lookback))
    case 'cronTickPassed': {
      const tick = node.lastTick!(on.now)
      if (tick === null || on.previousAt === null || tick < on.previousAt) return { ...plain(none), isMoment: true }
      return { set: candidate, times: [{ at: tick, set: candidate }], isMoment: true }
    }
    case 'retryDue':
      return retryDue(entity, on, one.max, one.delay)
    case 'custom':
      return plain(facts.custom(one.name, entity))
    default:
      throw new TypeError(`${spec.op} is no question without parts.`)
  }
}

const whole = (isTrue: boolean): Spans => (isTrue ? true : none)

function willBeRequested(entity: Entity, { graph, root, requested }: LeafContext): Spans {
  const set = requested.get(entity)
  if (!set || !graph.sharesRun(root, entity)) return none
  // What something else makes is only looked at: that makes nothing new for what is below it.
  return entity.check === null && entity.asset.external ? none : set
}

function newlyUpdated(entity: Entity, on: LeafContext): Leaf {
  if (on.previousAt === null) return plain(none)
  const updates = on.facts.updates(entity)
  if (updates.length === 0) return plain(none)
  const set = unionAll(updates.map((one) => one.set))
  // Of a check no times are known (Dagster).
  if (entity.check) return { set, times: null, isMoment: true }
  return {
    set,
    times: updates,
    began: updates.map((one) => ({ at: one.began ?? one.at, set: one.set })),
    isMoment: true,
  }
}

function withRun(
  entity: Entity,
  candidate: Spans,
  { facts }: LeafContext,
  fits: (run: NonNullable<ReturnType<Facts['latestRun']>>) => boolean,
): Spans {
  const run = facts.latestRun(entity)
  return run && fits(run) ? intersection(candidate, run.set) : none
}

type Tags = Pick<RunTags, 'keys' | 'values'>

function hasTags(tags: Readonly<Record<string, string>>, { keys = [], values = {} }: Tags): boolean {
  return (
    keys.every((key) => Object.hasOwn(tags, key)) && Object.entries(values).every(([key, value]) => tags[key] === value)
  )
}

function updatesWith(entity: Entity, { facts }: LeafContext, spec: RunTags): Spans {
  const updates = facts.updates(entity)
  const [fit, unfit] = [true, false].map((wanted) =>
    unionAll(updates.filter(({ tags = {} }) => hasTags(tags, spec) === wanted).map((one) => one.set)),
  ) as [Spans, Spans]
  return spec.op === 'anyNewUpdateHasRunTags' ? fit : difference(fit, unfit)
}

/** Failures whose time to be tried again came since the tick before. */
function retryDue(entity: Entity, { facts, now, previousAt }: LeafContext, max: number, delay: number): Leaf {
  if (previousAt === null) return plain(none)
  const due = facts
    .failures(entity)
    .filter((one) => isDue(one, { max, delay, after: previousAt, now }))
    .map(({ at, count, set }) => ({ at: retryAt({ at, count }, delay), set }))
  return { set: unionAll(due.map((one) => one.set)), times: due, isMoment: true }
}

const retryAt = ({ at, count }: { at: number; count: number }, delay: number): number => at + delay * 2 ** (count - 1)

/** Is it to be tried again after the one moment, and by the other? All in milliseconds. */
export function isDue(
  failure: { readonly at: number; readonly count: number },
  { max, delay, after, now }: { max: number; delay: number; after: number; now: number },
): boolean {
  const time = retryAt(failure, delay)
  return failure.count <= max && time > after && time <= now
}

/** The newest slice, or those that start in the stretch of time before its end. Other dimensions whole. */
function latestWindow({ axes, all }: Domain, lookback: number | undefined): Spans {
  const time = axes.findIndex(({ line }) => line !== null)
  if (time === -1) return all
  const own = axes[time]!
  if (own.to <= own.from) return none
  const line: Timeline = own.line!
  const first = lookback ? ceil(line, line.endOf(own.to - 1) - lookback) : own.to - 1
  const latest = span(Math.max(own.from, first), own.to)
  return product(axes.map((axis, n) => (n === time ? latest : span(axis.from, axis.to))))
}
