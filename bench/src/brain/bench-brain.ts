import {
  type AssetRecord,
  type ConditionAsset,
  type ConditionGraph,
  type Facts,
  type TickState,
  type VersionRecord,
  affected,
  conditionGraph,
  eager,
  evaluateConditions,
  keysOf,
  parseSelection,
  select,
  sets,
  stalenessOf,
} from '@sluice/core'
import { type Figures, jsonLine, median, openFigures, shown } from '../figures.ts'

/** Assets in a hundred columns, each made from the one above it and from one somewhere before. */
function assetsOf(count: number): readonly (ConditionAsset & AssetRecord)[] {
  const condition = eager()
  return Array.from({ length: count }, (_, n) => {
    const upstream = n < 100 ? [] : [`a${n - 100}`, `a${(n * 7) % (n - 1)}`]
    return {
      name: `a${n}`,
      upstream,
      edges: upstream.map((asset) => ({ asset })),
      partitions: null,
      condition,
      codeVersion: '1',
      group: `g${n % 50}`,
      tags: { tier: String(n % 3) },
    }
  })
}

/** Milliseconds of processor time. */
function cpuOf(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

/** Ticks over assets of which all are made, and some were made again since the tick before. */
class Ticks {
  readonly #graph: ConditionGraph
  readonly #updated = new Set<string>()
  #now = Date.parse('2026-01-01T00:00:00Z')
  #state: TickState | null = null

  constructor(graph: ConditionGraph) {
    this.#graph = graph
  }

  tick(updated: readonly string[]): number {
    this.#updated.clear()
    for (const one of updated) this.#updated.add(one)
    this.#now += 30_000
    const keysAt = { now: Temporal.Instant.fromEpochMilliseconds(this.#now), dynamic: {} }
    return cpuOf(() => {
      const [graph, facts, before] = [this.#graph, this.#facts(), this.#state]
      const only = affected(graph, before, keysAt, updated)
      this.#state = evaluateConditions({ graph, keysAt, facts, before, only }).state
    })
  }

  #facts(): Facts {
    const none = () => sets.none
    return {
      materialized: () => true,
      runInProgress: none,
      backfillInProgress: none,
      executionFailed: none,
      updates: ({ id }) => (this.#updated.has(id) ? [{ at: this.#now - 1000, set: true }] : []),
      dataChanged: none,
      latestRun: () => null,
      check: () => null,
      freshness: () => null,
      failures: () => [],
      custom: none,
    }
  }
}

function automation(figures: Figures, count: number, times: number): void {
  const assets = assetsOf(count)
  const graph = conditionGraph(assets)
  const ticks = new Ticks(graph)
  ticks.tick([])
  ticks.tick([])
  const all = assets.map(({ name }) => name)
  for (let n = 0; n < times; n++) {
    figures.add(`automation.tick_idle_${count}_ms`, 'ms', ticks.tick([]))
    figures.add(`automation.tick_one_${count}_ms`, 'ms', ticks.tick(['a50']))
    ticks.tick([])
    ticks.tick([])
    figures.add(`automation.tick_all_${count}_ms`, 'ms', ticks.tick(all))
    ticks.tick([])
    ticks.tick([])
  }
}

function graphs(figures: Figures, count: number, times: number): void {
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

/** A million hourly slices, every second one made: how many are missing, and the first of them. */
function million(figures: Figures, times: number): void {
  const spec = { kind: 'hourly', start: '1912-01-01T00:00', timeZone: 'UTC' } as const
  const keysAt = { now: Temporal.Instant.from('2026-01-31T00:00:00Z'), dynamic: {} }
  for (let n = 0; n < times; n++) {
    figures.add(
      'partitions.million_status_ms',
      'ms',
      cpuOf(() => {
        const { count } = keysOf(spec, keysAt)
        if (count < 1_000_000) throw new Error(`${count} slices are no million.`)
        const all = sets.span(0, count)
        const made = sets.spansOf(Array.from({ length: count >> 1 }, (_, at) => at * 2))
        sets.countOf(sets.difference(all, made))
      }),
    )
  }
}

/** Processor time of the pure decisions about assets. */
export function benchBrain({ smoke, json }: { readonly smoke: boolean; readonly json: boolean }): void {
  const figures = openFigures()
  const times = smoke ? 1 : 7
  automation(figures, smoke ? 1000 : 10_000, times)
  for (const count of smoke ? [1000] : [1000, 10_000, 50_000]) graphs(figures, count, times)
  million(figures, times)
  for (const figure of figures.all())
    console.log(`${figure.name.padEnd(36)} ${shown(median(figure)).padStart(8)} ${figure.unit}`)
  if (json) console.log(jsonLine('brain', figures))
}
