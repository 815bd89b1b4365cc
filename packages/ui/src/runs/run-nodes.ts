import type { PartitionState, Step, StepState } from '@sluice/core'
import type { LineageNode } from '../lineage/graph.ts'

/** As many calls of the same as the timeline draws as one are a group. */
const fromHere = 12

/** The most urgent first: what of several steps is shown. */
const urgency: readonly StepState[] = [
  'failed',
  'running',
  'waiting',
  'upstream_failed',
  'canceled',
  'skipped',
  'succeeded',
]

/** Pure: the steps of a flow; an edge where what one returned is, or is in, what another was given. */
export function stepNodes(steps: readonly Step[]): LineageNode[] {
  const shown = steps.filter(({ step }) => step > 0)
  const places = new Map(shown.map(({ step }, place) => [step, place]))
  const counts = Map.groupBy(shown, ({ name }) => name)
  return shown.map((one) => ({
    id: String(one.step),
    name: one.key === null ? one.name : `${one.name} ${one.key}`,
    group: counts.get(one.name)!.length >= fromHere ? one.name : null,
    look: one.state,
    words: one.attempt > 1 ? `${one.state.replace('_', ' ')}, attempt ${one.attempt}` : one.state.replace('_', ' '),
    upstream: (one.upstream ?? []).flatMap((up) => places.get(up) ?? []),
  }))
}

interface RunAsset {
  readonly name: string
  readonly group: string | null
  readonly states: readonly PartitionState[]
  readonly upstream: readonly number[]
}

/**
 * Pure: the assets of a run, each as its step stands, and which step that is; of several (partitions) the most urgent.
 *
 * @param records what was made by which step: of what one step makes together with others.
 */
export function assetNodes(
  assets: readonly RunAsset[],
  steps: readonly Step[],
  records: readonly { readonly asset: string; readonly step: number }[],
): { readonly nodes: LineageNode[]; readonly stepOf: ReadonlyMap<string, number> } {
  const byAsset = Map.groupBy(
    steps.filter(({ kind }) => kind === 'asset'),
    ({ name }) => name,
  )
  const byStep = new Map(steps.map((one) => [one.step, one]))
  for (const { asset, step } of records) {
    const its = byStep.get(step)
    if (its?.kind === 'assets') byAsset.set(asset, [...(byAsset.get(asset) ?? []), its])
  }
  const stepOf = new Map<string, number>()
  const nodes = assets.map(({ name, group, upstream }): LineageNode => {
    const its = (byAsset.get(name) ?? []).toSorted((a, b) => urgency.indexOf(a.state) - urgency.indexOf(b.state))
    const [worst] = its
    if (worst) stepOf.set(name, worst.step)
    const words = [...new Set(its.map(({ state }) => state.replace('_', ' ')))].join(', ')
    return { id: name, name, group, look: worst?.state ?? 'none', words: words || 'no step yet', upstream }
  })
  return { nodes, stepOf }
}
