import {
  type Backfill,
  type BackfillPlan,
  type Run,
  type RunTerms,
  type Spans,
  backfillTag,
  concurrencyOf,
  domainOfPart,
  keysIn,
  partitionTag,
  setOf,
} from '@sluice/core'
import { newRun } from '../runs/launch.ts'

/** A run that makes slices of a part. One of a job has no params yet: the code makes them of its key. */
export function runOf(backfill: Backfill, part: number, set: Spans, now: number): Run {
  const { id, plan } = backfill
  const { assets, spec, terms, owners, launches, delay } = plan.parts[part]!
  const keys = [...keysIn(domainOfPart(plan, plan.parts[part]!), set)]
  const selection = assets.map((name) => `key:"${name}"`).join(' or ')
  return newRun({
    target: launches ?? { kind: 'assets', selection, assets, partitions: spec === null ? null : (keys as string[]) },
    params: null,
    tags: { ...plan.tags, [backfillTag]: id, ...(launches && { [partitionTag]: keys[0]! }) },
    entry: null,
    job: plan.job,
    terms: terms && atMost(id, concurrencyOf(backfill), terms),
    cause: { by: 'backfill', name: id },
    owners,
    startAt: delay === undefined ? null : now + delay,
    now,
  })
}

/** Its own limit, which its runs hold beside all others. */
const atMost = (id: string, atOnce: number | null, terms: RunTerms): RunTerms =>
  atOnce === null
    ? terms
    : { ...terms, limits: [...terms.limits, { name: `backfill ${id}`, key: null, options: { atOnce } }] }

/** The slices of a run, and the part that they are of; `null` for a run of something else. */
export function slicesOf(
  plan: BackfillPlan,
  { target, tags }: Run,
): { readonly part: number; readonly set: Spans } | null {
  const isOfAssets = target.kind === 'assets'
  const part = isOfAssets
    ? plan.parts.findIndex(({ assets }) => assets.includes(target.assets[0]!))
    : plan.parts.findIndex(({ launches }) => launches)
  if (part === -1) return null
  const keys = isOfAssets ? (target.partitions ?? [null]) : [tags[partitionTag] ?? null]
  return { part, set: setOf(domainOfPart(plan, plan.parts[part]!), keys) }
}
