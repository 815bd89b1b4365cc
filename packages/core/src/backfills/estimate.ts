import { isTime } from '../partitions/set.ts'
import { boxesOf, countOf, difference } from '../partitions/spans.ts'
import { type Backfill, type BackfillPlan, type PartProgress, widthOf } from './backfill.ts'
import { axisAlong, countChunks } from './chunks.ts'
import { domainOfPart } from './next.ts'

/** What a plan comes to. */
export interface PlanSize {
  readonly slices: number
  readonly runs: number
  /** The longest chain of runs of which each waits for the one before. */
  readonly waves: number
}

/** Nothing is enumerated: a plan of 10⁹ slices is counted as fast as one. */
export function sizeOfPlan(plan: BackfillPlan): PlanSize {
  const waves: number[] = []
  const total = { slices: 0, runs: 0 }
  for (const [place, part] of plan.parts.entries()) {
    const before = Math.max(0, ...part.after.map(({ part: other }) => (other === place ? 0 : waves[other]!)))
    if (widthOf(part) === 0) {
      waves.push(before)
      continue
    }
    const domain = domainOfPart(plan, part)
    total.slices += countOf(part.set) * widthOf(part)
    total.runs += countChunks(plan.policy, domain, part.set)
    const isChain = part.after.some(({ part: other }) => other === place)
    waves.push(before + (isChain ? longestChain(plan, place) : 1))
  }
  return { ...total, waves: Math.max(0, ...waves) }
}

/** Of slices that need those before them: as many runs, one after the other, as its longest stretch has. */
function longestChain(plan: BackfillPlan, place: number): number {
  const part = plan.parts[place]!
  const domain = domainOfPart(plan, part)
  if (domain.axes.length === 0) return 1
  const along = axisAlong(domain)
  const size = 'keys' in plan.policy ? (plan.policy.keys === 'all' ? Infinity : plan.policy.keys) : 1
  if (!isTime(domain.axes[along]!.spec)) return countChunks(plan.policy, domain, part.set)
  let longest = 0
  for (const box of boxesOf(part.set)) longest = Math.max(longest, Math.ceil((box[along]![1] - box[along]![0]) / size))
  return Math.max(1, longest)
}

/**
 * Milliseconds until a backfill is done, from what its slices took so far, and where none has ended what they took
 * before it; `null` where neither is known. It goes on as parallel as it was.
 *
 * @param parallel runs at once, as long as none has ended.
 */
export function timeLeft({ plan, progress }: Pick<Backfill, 'plan' | 'progress'>, parallel: number): number | null {
  const sum = (of: 'slices' | 'busy'): number => progress.parts.reduce((all, one) => all + one[of], 0)
  const usual = timeOf({ slices: sum('slices'), busy: sum('busy') })
  let work = 0
  for (const [place, part] of plan.parts.entries()) {
    const own = progress.parts[place]!
    const left = countOf(difference(part.set, own.done)) - countOf(own.failed)
    if (left <= 0) continue
    const each = timeOf(own) ?? part.expected ?? usual
    if (each === null) return null
    work += left * each
  }
  const at = progress.covered > 0 ? Math.max(1, sum('busy') / progress.covered) : Math.max(1, parallel)
  return work / at
}

const timeOf = ({ slices, busy }: Pick<PartProgress, 'slices' | 'busy'>): number | null =>
  slices > 0 ? busy / slices : null
