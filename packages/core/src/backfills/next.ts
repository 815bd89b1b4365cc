import { domainOf, type Domain } from '../partitions/domain.ts'
import { needs, neededBy } from '../partitions/map-set.ts'
import type { KeysAt } from '../partitions/set.ts'
import { difference, intersection, isEmpty, none, type Spans, tuplesOf, union, unionAll } from '../partitions/spans.ts'
import { type BackfillPart, type BackfillPlan, type BackfillProgress, widthOf } from './backfill.ts'
import { chunkOf } from './chunks.ts'

/** The slices of one run that can be made now. */
export interface NextRun {
  /** Its place in the plan. */
  readonly part: number
  readonly set: Spans
}

const moments = new WeakMap<BackfillPlan, KeysAt>()

/** The moment that the partitions of a backfill are those of. */
export function momentOf(plan: BackfillPlan): KeysAt {
  let at = moments.get(plan)
  if (!at) {
    at = { now: Temporal.Instant.fromEpochMilliseconds(plan.at.now), dynamic: plan.at.dynamic }
    moments.set(plan, at)
  }
  return at
}

export const domainOfPart = (plan: BackfillPlan, { spec }: BackfillPart): Domain => domainOf(spec, momentOf(plan))

/** The slices of a part that no run was asked for. */
export const todoOf = (plan: BackfillPlan, progress: BackfillProgress, part: number): Spans =>
  difference(plan.parts[part]!.set, progress.parts[part]!.asked)

/**
 * The runs that can be made now: what they need of the backfill is done. Earlier parts first, in a part earlier keys
 * first. Nothing is enumerated but what is given: sets are ranges, and a million slices that wait cost what one does.
 *
 * @param most runs at most.
 */
export function nextRuns(plan: BackfillPlan, progress: BackfillProgress, most: number): readonly NextRun[] {
  const runs = readyRuns(plan, progress, most, false)
  if (runs.length > 0 || progress.open.length > 0) return runs
  // What an optional edge still waits for will not come.
  return readyRuns(plan, progress, most, true)
}

function readyRuns(plan: BackfillPlan, progress: BackfillProgress, most: number, isLast: boolean): NextRun[] {
  const found: NextRun[] = []
  const undone: Undone[] = []
  for (const [place, part] of plan.parts.entries()) {
    const domain = domainOfPart(plan, part)
    const held = (which: keyof Undone): Spans =>
      unionAll(
        part.after
          .filter(({ part: other, soft }) => other !== place && !(soft && (isLast || which === 'lost')))
          .map(({ part: other, mapping, soft }) =>
            neededBy(mapping, domain, domainOfPart(plan, plan.parts[other]!), undone[other]![soft ? 'coming' : which]),
          ),
      )
    if (widthOf(part) === 0) {
      undone.push({ all: held('all'), coming: held('coming'), lost: held('lost') })
      continue
    }
    const { asked, done, failed } = progress.parts[place]!
    const all = difference(part.set, done)
    const lost = union(failed, intersection(difference(part.set, asked), held('lost')))
    undone.push({ all, coming: difference(all, lost), lost })
    if (found.length >= most) continue
    const todo = difference(part.set, asked)
    if (isEmpty(todo)) continue
    const free = difference(todo, held('all'))
    for (const set of chunksIn({ plan, place, domain, todo: difference(todo, lost), free, done })) {
      found.push({ part: place, set })
      if (found.length >= most) break
    }
  }
  return found
}

/** Slices of a part that are not made: `lost` are those that failed, or need one that did; `coming` all others. */
interface Undone {
  readonly all: Spans
  readonly coming: Spans
  readonly lost: Spans
}

interface Looked {
  readonly plan: BackfillPlan
  readonly place: number
  readonly domain: Domain
  /** Given to no run, and not lost. */
  readonly todo: Spans
  /** Of these, those that wait for no other part. */
  readonly free: Spans
  readonly done: Spans
}

/** The runs of a part whose slices are all free, in order. */
function* chunksIn({ plan, place, domain, todo, free, done }: Looked): Generator<Spans> {
  const { set, after } = plan.parts[place]!
  const own = after.filter(({ part }) => part === place)
  const undone = difference(set, done)
  let rest = difference(free, unionAll(own.map(({ mapping }) => neededBy(mapping, domain, domain, undone))))
  if (own.length === 0 && 'keys' in plan.policy && plan.policy.keys === 1) {
    for (const tuple of tuplesOf(rest)) yield chunkOf(plan.policy, domain, set, tuple)
    return
  }
  while (!isEmpty(rest)) {
    const [first] = tuplesOf(rest)
    const chunk = intersection(chunkOf(plan.policy, domain, set, first!), todo)
    rest = difference(rest, chunk)
    if (!isEmpty(difference(chunk, free))) continue
    // Slices of one run may need each other: the run makes them in that order.
    const missing = own.map(({ mapping }) => difference(needs(mapping, domain, domain, chunk).set, chunk))
    if (isEmpty(intersection(unionAll([none, ...missing]), undone))) yield chunk
  }
}
