import {
  type ConditionGraph,
  type Entity,
  type Facts,
  type KeysAt,
  type LatestRun,
  type Spans,
  type Update,
  setOf,
  sets,
} from '@sluice/core'
import { fillingOf } from '../backfills/filling.ts'
import type { NewestRecord } from '../store/ports.ts'
import type { Made } from './follow-events.ts'
import { type ActiveRun, type Known, type KnownAsset, tests } from './known-assets.ts'

export interface FactsInput {
  readonly known: Known
  readonly graph: ConditionGraph
  readonly keysAt: KeysAt
  /** What was made since the look before. */
  readonly made: readonly Made[]
  /** What the code said: by the name of the question, then by the id of the entity. */
  readonly customs: ReadonlyMap<string, ReadonlyMap<string, boolean | readonly string[]>>
}

/** What is known, as conditions ask for it. Nothing here reads. */
export function factsOf({ known, graph, keysAt, made, customs }: FactsInput): Facts {
  const domain = (entity: Entity) => graph.domain(entity, keysAt)
  const asset = (entity: Entity): KnownAsset | undefined => known.assets.get(entity.asset.name)
  const fresh = new Map<string, Made[]>()
  for (const one of made) {
    const list = fresh.get(one.entity)
    if (list) list.push(one)
    else fresh.set(one.entity, [one])
  }
  /** Of what is made here, looks do not count. */
  const counted = (entity: Entity): readonly Made[] =>
    (fresh.get(entity.id) ?? []).filter(({ kind }) => kind !== 'observation' || entity.asset.external === true)
  const failures = (entity: Entity) => [...(asset(entity)?.failures ?? [])]
  const slice = (entity: Entity, key: string | null): Spans => setOf(domain(entity), [key === '' ? null : key])

  return {
    materialized(entity) {
      const its = asset(entity)
      if (!its) return sets.none
      const set = its.made.in(domain(entity))
      return entity.asset.external ? sets.union(set, its.seen.in(domain(entity))) : set
    },
    runInProgress: (entity) => inProgress(entity, domain(entity), asset(entity)?.active ?? []),
    backfillInProgress: (entity) => fillingOf(known.filling, entity.asset.name, domain(entity)),
    executionFailed: (entity) =>
      sets.unionAll(failures(entity).flatMap(([key, { isLatest }]) => (isLatest ? [slice(entity, key)] : []))),
    updates: (entity) =>
      counted(entity).map(({ at, began, tags, partition }): Update => {
        // A result of a check is of its asset as a whole.
        return { at, began, tags, set: entity.check ? true : slice(entity, partition) }
      }),
    dataChanged: (entity) =>
      sets.unionAll(
        counted(entity).flatMap(({ isChanged, partition }) => (isChanged ? [slice(entity, partition)] : [])),
      ),
    latestRun(entity) {
      const newest = newestOf(entity, asset(entity))
      if (!newest?.of) return null
      return { set: slice(entity, newest.partition), ...runOf(newest.of, graph) }
    },
    check(entity) {
      const its = asset(entity)
      const [name, check] = [entity.asset.name, entity.check!.name]
      for (const one of its?.active ?? [])
        if (tests(one.run, name, check) && !one.checked.has(entity.id)) return 'running'
      if (known.broken.has(entity.id)) return 'broken'
      const result = known.checks.get(entity.id)
      const newest = its?.newest ?? its?.newestSeen
      if (!result || (newest && result.run !== newest.run && result.at < newest.at)) return null
      return result.passed === null ? 'unknown' : result.passed ? 'passed' : 'failed'
    },
    freshness: (entity) => asset(entity)?.freshness ?? null,
    failures: (entity) =>
      failures(entity)
        .map(([key, { at, count }]) => ({ at, count, set: slice(entity, key) }))
        .filter(({ set }) => !sets.isEmpty(set)),
    custom(name, entity) {
      const said = customs.get(name)?.get(entity.id) ?? false
      if (typeof said === 'boolean') return said ? domain(entity).all : sets.none
      return setOf(domain(entity), said)
    },
  }
}

function inProgress(entity: Entity, domain: ReturnType<ConditionGraph['domain']>, active: Iterable<ActiveRun>): Spans {
  let set: Spans = sets.none
  for (const one of active) {
    const made = one.made.get(entity.asset.name)
    const keys = one.keysOf(entity.asset.name).in(domain)
    set = sets.union(set, made ? sets.difference(keys, made.in(domain)) : keys)
  }
  return set
}

function newestOf(entity: Entity, its: KnownAsset | undefined): NewestRecord | null {
  if (!its) return null
  const { newest, newestSeen } = its
  if (!entity.asset.external || !newestSeen) return newest
  return newest && newest.id > newestSeen.id ? newest : newestSeen
}

const runs = new WeakMap<object, Omit<LatestRun, 'set'>>()

/** Once for each run: it may have made thousands. */
function runOf(of: NonNullable<NewestRecord['of']>, graph: ConditionGraph): Omit<LatestRun, 'set'> {
  let known = runs.get(of.target)
  if (!known) {
    const { target, tags } = of
    const targets = new Set<string>()
    for (const name of 'assets' in target ? target.assets : []) {
      targets.add(name)
      for (const { id } of graph.entities.get(name)?.checks ?? []) targets.add(id)
    }
    runs.set(of.target, (known = { targets, tags }))
  }
  return known
}
