import { type ConditionGraph, type Entity, type Facts, type KeysAt, type Spans, setOf, sets } from '@sluice/core'
import type { Made, World } from './world.ts'

/** What happened in a world, as conditions ask for it. */
export function factsOf(
  world: World,
  graph: ConditionGraph,
  keysAt: KeysAt,
  since: number,
  previousAt: number | null,
): Facts {
  const domain = (entity: Entity) => graph.domain(entity, keysAt)
  const slices = (entity: Entity, keys: Iterable<string | null>): Spans => setOf(domain(entity), keys)
  const kept = (entity: Entity): readonly Made[] => {
    const records = world.made.get(entity.id) ?? []
    // What is made here is made; what is only looked at may also be observed.
    return entity.asset.external ? records : records.filter(({ kind }) => kind === 'materialization')
  }
  const fresh = (entity: Entity): readonly Made[] => kept(entity).filter(({ seq }) => seq > since)
  const inRuns = (entity: Entity, state: 'running' | 'failed'): Spans => {
    const keys = new Map<string | null, boolean>()
    for (const run of world.runs) {
      if (!run.assets.includes(entity.id)) continue
      const key = entity.asset.partitions ? run.partition : null
      keys.set(key, run.state === state && !run.made.has(entity.id))
    }
    return slices(
      entity,
      [...keys].flatMap(([key, isIn]) => (isIn ? [key] : [])),
    )
  }
  return {
    materialized: (entity) =>
      slices(
        entity,
        kept(entity).map(({ partition }) => partition),
      ),
    runInProgress: (entity) => inRuns(entity, 'running'),
    backfillInProgress: () => sets.none,
    executionFailed: (entity) => inRuns(entity, 'failed'),
    updates(entity) {
      if (entity.check) {
        const result = world.checkResults.get(`${entity.asset.name}:${entity.check.name}`)
        return result && previousAt !== null && result.at >= previousAt ? [{ at: result.at, set: true }] : []
      }
      return fresh(entity).map((one) => ({
        at: one.at,
        began: one.began,
        set: slices(entity, [one.partition]),
        tags: {},
      }))
    },
    dataChanged: (entity) =>
      slices(
        entity,
        fresh(entity)
          .filter((one) => {
            const before = kept(entity).findLast(({ seq, partition }) => seq <= since && partition === one.partition)
            return before?.dataVersion !== one.dataVersion
          })
          .map(({ partition }) => partition),
      ),
    latestRun(entity) {
      const newest = kept(entity).at(-1)
      if (!newest?.run) return null
      return { set: slices(entity, [newest.partition]), targets: new Set(newest.run.assets), tags: {} }
    },
    check(entity) {
      const result = world.checkResults.get(`${entity.asset.name}:${entity.check!.name}`)
      return result ? (result.passed ? 'passed' : 'failed') : null
    },
    freshness: () => null,
    failures(entity) {
      const found = new Map<string | null, { at: number; count: number }>()
      for (const run of world.runs) {
        if (!run.assets.includes(entity.id)) continue
        const key = entity.asset.partitions ? run.partition : null
        if (run.made.has(entity.id)) found.delete(key)
        else if (run.state === 'failed') found.set(key, { at: run.ended!, count: (found.get(key)?.count ?? 0) + 1 })
      }
      return [...found].map(([key, { at, count }]) => ({ at, count, set: slices(entity, [key]) }))
    },
    custom: () => sets.none,
  }
}
