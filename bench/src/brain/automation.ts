import {
  type ConditionGraph,
  type Facts,
  type TickState,
  affected,
  conditionGraph,
  evaluateConditions,
  sets,
} from '@sluice/core'
import type { Figures } from '../figures.ts'
import { assetsOf, cpuOf } from './assets.ts'

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

/** A tick over so many eager assets: nothing new, one made again, all made again. */
export function automation(figures: Figures, count: number, times: number): void {
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
