import {
  type AnyAsset,
  type CheckDefinition,
  type Definitions,
  type MultiDefinition,
  type Keys,
  type KeysAt,
  type Resolved,
  type SliceKey,
  type Upstream,
  SluiceError,
  keysOf,
  keysToMake,
  requireKey,
  resolveEdge,
  upstreamOf,
} from '@sluice/core'

/** One step of an asset run: what makes an asset (several at once), looks at it, or tests it, for one key. */
export interface Unit {
  readonly index: number
  readonly kind: 'asset' | 'assets' | 'check'
  readonly name: string
  /** The assets it makes, or the one it tests. */
  readonly assets: readonly AnyAsset[]
  readonly multi: MultiDefinition | undefined
  readonly check: CheckDefinition | undefined
  /** The partitions it makes: none, one, or with `perRun` all that were asked for. */
  readonly keys: readonly string[]
  /** The single key; `null` for none or many. */
  readonly key: string | null
  readonly needs: readonly Need[]
}

/** A unit that comes before another. */
export interface Need {
  readonly unit: number
  /** Whatever it comes to, the other runs. */
  readonly soft: boolean
  /** What is needed of it, where it makes several assets and may skip some. */
  readonly assets: readonly string[]
}

export interface PlanInput {
  readonly definitions: Definitions
  readonly assets: readonly string[]
  /** The keys to make of partitioned assets; `null` where none was asked for. */
  readonly partitions: readonly string[] | null
  /** Of these assets only these keys. */
  readonly partitionsOf?: Readonly<Record<string, readonly string[]>>
  readonly sets: PartitionSets
}

/** The keys that an asset's partitions have now. */
export interface PartitionSets {
  readonly at: KeysAt
  of(asset: AnyAsset): Keys
  /** @throws SluiceError PARTITION_UNKNOWN, which says what keys there are. */
  require(asset: AnyAsset, key: string): void
}

/** Reads each dynamic set once and freezes the time: a run sees one picture of its partitions. */
export function partitionSets(
  now: Temporal.Instant,
  dynamic: Readonly<Record<string, readonly string[]>>,
): PartitionSets {
  const known = new Map<unknown, Keys>()
  const at = { now, dynamic }
  return {
    at,
    of(asset) {
      const { spec } = asset.partitions
      let set = known.get(spec)
      if (!set) known.set(spec, (set = keysOf(spec, at)))
      return set
    },
    require(asset, key) {
      requireKey(asset.partitions.spec, key, at, `Asset "${asset.name}"`)
    },
  }
}

interface Draft extends Omit<Unit, 'needs'> {
  needs: Unit['needs']
}

/** What an asset run does, in an order in which every unit comes after those it needs. No recursion. */
export function planAssets(input: PlanInput): readonly Unit[] {
  const { definitions, sets } = input
  const chosen = chooseAssets(definitions, input.assets)
  if (input.partitions) refuseUnknown(chosen, sets, input.partitions)
  const units: Draft[] = []
  /** Asset and key to the unit that makes it. */
  const makers = new Map<string, Map<string | null, number>>()
  const checks = new Map<string, Map<string | null, number[]>>()
  const groups = new Map<string, AnyAsset[]>()
  for (const asset of chosen) {
    const id = asset.multi ? `assets ${asset.multi().name}` : `asset ${asset.name}`
    groups.set(id, [...(groups.get(id) ?? []), asset])
  }
  for (const assets of groups.values()) {
    const first = assets[0]!
    const multi = first.multi?.()
    const keys = first.partitions ? keysFor(first, sets, wantedOf(assets, input)) : [null]
    const runs: (readonly (string | null)[])[] =
      first.options.perRun && keys[0] !== null && keys.length > 0 ? [keys] : keys.map((key) => [key])
    for (const each of runs) {
      const own = each.filter((key) => key !== null)
      const unit = {
        index: units.length,
        kind: multi ? 'assets' : 'asset',
        name: multi?.name ?? first.name,
        assets,
        multi,
        check: undefined,
        keys: own,
        key: own.length === 1 && !first.options.perRun ? own[0]! : null,
        needs: [],
      } as const
      units.push({ ...unit })
      for (const asset of assets) {
        for (const key of each) {
          put(makers, asset.name, key, unit.index)
          for (const check of asset.checkList) {
            const index = units.length
            units.push({
              ...checkUnit(asset, check, key, index),
              needs: [{ unit: unit.index, soft: false, assets: [asset.name] }],
            })
            if (check.blocking && check.severity === 'error') {
              const below = checks.get(asset.name) ?? new Map<string | null, number[]>()
              below.set(key, [...(below.get(key) ?? []), index])
              checks.set(asset.name, below)
            }
          }
        }
      }
    }
  }
  for (const unit of units) if (unit.kind !== 'check') unit.needs = needsOf(unit, { sets, makers, checks })
  return units
}

/** The step that tests one slice. */
export const checkUnit = (asset: AnyAsset, check: CheckDefinition, key: string | null, index: number): Unit => ({
  index,
  kind: 'check',
  name: `${asset.name}:${check.name}`,
  assets: [asset],
  multi: undefined,
  check,
  keys: key === null ? [] : [key],
  key,
  needs: [],
})

function put(map: Map<string, Map<string | null, number>>, name: string, key: string | null, unit: number): void {
  let below = map.get(name)
  if (!below) map.set(name, (below = new Map()))
  below.set(key, unit)
}

function chooseAssets(definitions: Definitions, names: readonly string[]): readonly AnyAsset[] {
  const chosen = new Map<string, AnyAsset>()
  for (const name of names) {
    const asset = definitions.assets.get(name)
    if (!asset)
      throw new SluiceError('ASSET_UNKNOWN', `No asset is called "${name}".`, { hint: 'sluice assets list shows all.' })
    if (!canRun(asset)) continue
    const multi = asset.multi?.()
    for (const one of multi && !multi.subset ? Object.values(multi.outputs) : [asset])
      chosen.set(one.name, definitions.assets.get(one.name) ?? one)
  }
  return [...chosen.values()]
}

/** Is there something to run? Not for a view, nor for what something else makes and nobody here looks at. */
export function canRun(asset: AnyAsset): boolean {
  if (asset.made === 'external') return asset.observe !== undefined
  return asset.made === 'here' && asset.options.virtual !== true
}

/** What one step makes together has the same keys: those that any of it is asked for. */
function wantedOf(assets: readonly AnyAsset[], input: PlanInput): readonly string[] | null {
  const each = assets.map(({ name }) => keysToMake(input, name))
  if (each.length === 1 || !input.partitionsOf) return each[0]!
  return [...new Set(each.flatMap((keys) => keys ?? []))]
}

export function keysFor(asset: AnyAsset, sets: PartitionSets, wanted: readonly string[] | null): readonly string[] {
  const set = sets.of(asset)
  if (wanted === null) {
    throw new SluiceError(
      'PARTITION_REQUIRED',
      `"${asset.name}" is partitioned: say which of its ${set.count} partitions to make.`,
      {
        hint:
          set.count > 0
            ? `--partition ${set.at(set.count - 1)}, a range ${set.at(0)}..${set.at(set.count - 1)}, or all.`
            : 'It has no partition yet.',
      },
    )
  }
  return wanted.filter((key) => set.has(key))
}

/** A key may be one of some assets and not of others, but a key of none is a mistake. */
export function refuseUnknown(chosen: readonly AnyAsset[], sets: PartitionSets, wanted: readonly string[]): void {
  const partitioned = chosen.filter((asset) => asset.partitions)
  const [first] = partitioned
  // Some assets of another run made again, none of which is partitioned: who asks for keys of such is told when they ask.
  if (!first) return
  const unknown = wanted.find((key) => !partitioned.some((asset) => sets.of(asset).has(key)))
  if (unknown !== undefined) sets.require(first, unknown)
}

interface Known {
  readonly sets: PartitionSets
  readonly makers: ReadonlyMap<string, ReadonlyMap<string | null, number>>
  readonly checks: ReadonlyMap<string, ReadonlyMap<string | null, readonly number[]>>
}

function needsOf(unit: Draft, known: Known): readonly Need[] {
  const needs = new Map<number, { soft: boolean; assets: Set<string> }>()
  const need = (index: number, soft: boolean, asset: string): void => {
    const known = needs.get(index) ?? { soft: true, assets: new Set() }
    needs.set(index, known)
    known.soft &&= soft
    if (!soft) known.assets.add(asset)
  }
  const queue: { asset: AnyAsset; keys: readonly (string | null)[]; soft: boolean }[] = [
    { asset: unit.assets[0]!, keys: unit.keys.length > 0 ? unit.keys : [null], soft: false },
  ]
  const seen = new Set<AnyAsset>()
  for (let next = queue.shift(); next; next = queue.shift()) {
    for (const edge of upstreamOf(next.asset)) {
      const soft = next.soft || edge.optional
      for (const key of next.keys) {
        const reached = upstreamSlices(edge, next.asset, key, known.sets)
        if (edge.asset.options.virtual) {
          if (!seen.has(edge.asset)) queue.push({ asset: edge.asset, keys: reached.keys, soft })
          seen.add(edge.asset)
          continue
        }
        for (const upstream of madeOf(known.makers.get(edge.asset.name), reached)) {
          const maker = known.makers.get(edge.asset.name)?.get(upstream)
          if (maker === undefined || maker === unit.index) continue
          need(maker, soft, edge.asset.name)
          for (const check of known.checks.get(edge.asset.name)?.get(upstream) ?? []) need(check, soft, edge.asset.name)
        }
      }
    }
  }
  return [...needs].map(([unit, { soft, assets }]) => ({ unit, soft, assets: [...assets] }))
}

/** Of the slices that an edge reaches, those that this run makes: an edge may reach 10⁹, and a run make three. */
function madeOf(makers: ReadonlyMap<SliceKey, number> | undefined, reached: Resolved): readonly SliceKey[] {
  if (!makers) return []
  return reached.count <= makers.size ? reached.keys : [...makers.keys()].filter((key) => reached.has(key))
}

/** The upstream slices that an edge reaches from one slice. */
export function upstreamSlices(edge: Upstream, down: AnyAsset, key: SliceKey, sets: PartitionSets): Resolved {
  return resolveEdge({
    up: edge.asset.partitions?.spec ?? null,
    down: down.partitions?.spec ?? null,
    keysAt: sets.at,
    key,
    at: edge.at,
    whose: `"${edge.asset.name}" in asset "${down.name}"`,
  })
}
