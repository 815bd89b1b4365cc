import {
  type ConditionGraph,
  type VersionRecord,
  collect,
  conditionGraph,
  parseSelection,
  select,
  stalenessOf,
} from '@sluice/core'
import { partitionSets, planAssets } from '@sluice/engine'
import type { Figures } from '../figures.ts'
import { assetsOf, cpuOf, definedAssets } from './assets.ts'

/** Finding, planning and judging so many assets. */
export function graphs(figures: Figures, count: number, times: number): void {
  const definitions = collect([definedAssets(count)])
  const names = [...definitions.assets.keys()]
  for (let n = 0; n < times; n++) {
    const assets = assetsOf(count)
    let graph: ConditionGraph
    figures.add(
      `graph_${count}_ms`,
      'ms',
      cpuOf(() => (graph = conditionGraph(assets))),
    )
    const whole = `(+key:"a${count - 1}" or group:g7) and not tag:tier="2" or sinks(*)`
    figures.add(
      `selection_${count}_ms`,
      'ms',
      cpuOf(() => void select(parseSelection(whole), { assets })),
    )
    figures.add(
      `planning_${count}_ms`,
      'ms',
      cpuOf(() => {
        const sets = partitionSets(Temporal.Now.instant(), {})
        planAssets({ definitions, assets: names, partitions: null, sets })
      }),
    )
    const keysAt = { now: Temporal.Instant.from('2026-01-01T00:00:00Z'), dynamic: {} }
    const record = (upstream: readonly string[]): VersionRecord => ({
      id: 1,
      dataVersion: '1',
      codeVersion: '1',
      inputVersions: Object.fromEntries(upstream.map((one) => [one, '1'])),
    })
    const records = new Map(assets.map(({ name, upstream }) => [name, record(upstream)]))
    const latest = (name: string): VersionRecord | null => records.get(name) ?? null
    figures.add(
      `staleness_${count}_ms`,
      'ms',
      cpuOf(() => {
        for (const entity of graph.ordered) stalenessOf(entity, null, { graph, keysAt, latest })
      }),
    )
  }
}
