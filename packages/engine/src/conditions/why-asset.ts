import {
  type AssetSnapshot,
  type ConditionEvaluation,
  type ConditionGraph,
  type Entity,
  type ExplainedLine,
  type KeysAt,
  type SetRecord,
  type SliceKey,
  SluiceError,
  closest,
  explain,
  keysOf,
  setOf,
  setOfRecord,
  sets,
} from '@sluice/core'
import { keysAt } from '../partitions/keys-at.ts'
import type { Store } from '../store/ports.ts'
import { type DeployedCode, wholeGraph } from './deployed-graph.ts'

/** Why an asset, a check of it, or one slice is requested by its condition, or is not. */
export interface WhyAsset {
  /** The asset's name; `check:asset:name`. */
  readonly entity: string
  readonly partition: SliceKey
  /** `null`: it has no condition. */
  readonly condition: { readonly label: string; readonly paused: boolean } | null
  /** In sentences, without times. */
  readonly says: readonly string[]
  /** The newest look that said something new, in milliseconds since 1970, and the tree of its answers. */
  readonly at: number | null
  readonly lines: readonly ExplainedLine[]
  /** The newest request, as far as it is kept; `null` for none. */
  readonly requested: Pick<ConditionEvaluation, 'at' | 'run' | 'error'> | null
}

export interface WhyAsked {
  readonly asset: string
  readonly check?: string | undefined
  readonly partition?: string | undefined
  /** Milliseconds since 1970. */
  readonly now: number
}

type Reads = Pick<Store, 'conditions' | 'partitions'>

/** Evaluations that are looked through for the newest request. */
const looked = 200

/**
 * By what is stored: nothing is evaluated.
 *
 * @throws SluiceError ASSET_UNKNOWN, CHECK_UNKNOWN, PARTITION_UNKNOWN.
 */
export async function whyAsset(store: Reads, codes: readonly DeployedCode[], asked: WhyAsked): Promise<WhyAsset> {
  const graph = wholeGraph(codes)
  const entity = entityOf(graph, asked)
  const all: readonly AssetSnapshot[] = codes.flatMap(({ snapshot }) => snapshot.assets)
  const at = await keysAt(store, all, asked.now)
  const partition = sliceOf(entity, asked, at)
  const domain = graph.domain(entity, at)
  const slices = partition === null ? domain.all : setOf(domain, [partition])
  const isAsked = (set: SetRecord): boolean => !sets.isEmpty(sets.intersection(setOfRecord(domain, set), slices))
  const evaluations = await store.conditions.evaluations({ entity: entity.id, limit: looked })
  const [newest] = evaluations
  const request = evaluations.find((one) => isAsked(one.requested)) ?? null
  const label = entity.condition?.label ?? entity.condition?.op
  const condition = label === undefined ? null : { label, paused: await isPaused(store, entity.id) }
  return {
    entity: entity.id,
    partition,
    condition,
    says: sentences({ entity, condition, newest, request, isAsked }),
    at: newest?.at ?? null,
    lines: newest ? explain(newest.tree, { graph, keysAt: at, entity, partition }) : [],
    requested: request && { at: request.at, run: request.run, error: request.error },
  }
}

/** By what people said of it, or of all. */
export async function isPaused({ conditions }: Pick<Store, 'conditions'>, entity: string): Promise<boolean> {
  const pauses = new Map((await conditions.pauses()).map((one) => [one.entity, one.paused]))
  return pauses.get(entity) ?? pauses.get('') ?? false
}

function sentences({
  entity,
  condition,
  newest,
  request,
  isAsked,
}: {
  readonly entity: Entity
  readonly condition: WhyAsset['condition']
  readonly newest: ConditionEvaluation | undefined
  readonly request: ConditionEvaluation | null
  readonly isAsked: (set: SetRecord) => boolean
}): readonly string[] {
  if (!condition) {
    const what = entity.check ? 'Its runs and people run it' : 'People, schedules and sensors make it'
    return [`It has no condition. ${what}.`]
  }
  const paused = condition.paused ? ['Its condition is paused: it is not looked at.'] : []
  if (!newest) return [...paused, ...(condition.paused ? [] : ['No server has looked at its condition yet.'])]
  if (newest === request)
    return [
      ...paused,
      request.error ? `It was requested, and could not be launched: ${request.error.message}` : 'It was requested.',
    ]
  const holds = isAsked(newest.tree.true ?? false)
  return [
    ...paused,
    holds ? 'Its condition holds, and it was requested before.' : 'It is not requested: its condition does not hold.',
  ]
}

/** @throws SluiceError ASSET_UNKNOWN, CHECK_UNKNOWN. */
export function entityOf(graph: ConditionGraph, { asset, check }: Pick<WhyAsked, 'asset' | 'check'>): Entity {
  const own = graph.entities.get(asset)
  if (!own) {
    const near = closest(
      asset,
      [...graph.entities.values()].flatMap((one) => (one.check ? [] : [one.id])),
    )
    throw new SluiceError('ASSET_UNKNOWN', `No asset is called "${asset}".`, {
      hint: near === undefined ? 'sluice assets list shows all.' : `Did you mean ${near}?`,
    })
  }
  if (check === undefined) return own
  const found = own.checks.find((one) => one.check!.name === check)
  if (found) return found
  const names = own.checks.map((one) => one.check!.name)
  throw new SluiceError('CHECK_UNKNOWN', `Asset "${asset}" has no check "${check}".`, {
    hint: names.length === 0 ? 'It has none.' : `It has: ${names.join(', ')}.`,
  })
}

function sliceOf({ id, spec }: Entity, { partition }: WhyAsked, at: KeysAt): SliceKey {
  if (partition === undefined) return null
  const keys = spec && keysOf(spec, at)
  if (keys?.has(partition)) return partition
  throw new SluiceError(
    'PARTITION_UNKNOWN',
    keys ? `"${id}" has no partition ${JSON.stringify(partition)}.` : `"${id}" is not partitioned.`,
    {
      hint:
        keys === null
          ? 'Leave --partition out.'
          : keys.count === 0
            ? 'It has no partition yet.'
            : `They run from ${keys.first} to ${keys.last}.`,
    },
  )
}
