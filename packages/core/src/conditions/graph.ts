import { inOneGo } from '../in-steps.ts'
import { domainOf, type Domain } from '../partitions/domain.ts'
import { inferMapping, isSameSpec, type Mapping } from '../partitions/mapping.ts'
import type { KeysAt, PartitionsSpec } from '../partitions/set.ts'
import type { AssetRecord } from '../selection/graph.ts'
import { parseSelection } from '../selection/parse.ts'
import { select } from '../selection/select.ts'
import type { ConditionSpec } from './condition.ts'

/** What conditions need to know of an asset, as plain data. */
export interface ConditionAsset extends AssetRecord {
  readonly partitions: PartitionsSpec | null
  /** At least one for each name in `upstream`; the asset itself where it reads its own slices. */
  readonly edges: readonly ConditionEdge[]
  readonly condition?: ConditionSpec | undefined
  readonly codeVersion?: string | null | undefined
  readonly checks?: readonly ConditionCheck[] | undefined
  readonly pool?: string | undefined
  /** Does it hold no data, and is computed when it is read? */
  readonly virtual?: boolean | undefined
  /** The assets that one step makes together, all or none; by the name of the step. */
  readonly together?: string | undefined
}

export interface ConditionEdge {
  readonly asset: string
  /** What it says; `undefined`: what is inferred. */
  readonly mapping?: Mapping | undefined
}

export interface ConditionCheck {
  readonly name: string
  readonly blocking?: boolean | undefined
  readonly condition?: ConditionSpec | undefined
}

/** An asset, or a check of one: what a condition is asked of, and what is requested. */
export interface Entity {
  /** The asset's name; `check:asset:name`. */
  readonly id: string
  readonly asset: ConditionAsset
  readonly check: ConditionCheck | null
  readonly spec: PartitionsSpec | null
  readonly condition: ConditionSpec | undefined
  /** The entities it depends on, sorted by name: of a check its asset. */
  readonly deps: readonly Entity[]
  readonly dependents: readonly Entity[]
  readonly checks: readonly Entity[]
}

interface Draft extends Entity {
  deps: Entity[]
  dependents: Entity[]
  checks: Entity[]
}

/** The assets and checks of a deployment, in an order in which each comes after those it depends on. */
export interface ConditionGraph {
  readonly ordered: readonly Entity[]
  readonly entities: ReadonlyMap<string, Entity>
  readonly together: ReadonlyMap<string, readonly Entity[]>
  /** The mapping between an entity and one that it depends on; what is inferred where there is no edge. */
  mapping(down: Entity, up: Entity): Mapping
  domain(entity: Entity, at: KeysAt): Domain
  /** The names that a selection selects. */
  selected(selection: string): ReadonlySet<string>
  /** Can one run make both? */
  sharesRun(child: Entity, parent: Entity): boolean
}

/** @throws SluiceError SELECTION_INVALID for a selection that cannot be read, when it is asked for. */
export const conditionGraph = (assets: readonly ConditionAsset[]): ConditionGraph => inOneGo(graphing(assets))

/** The same, an asset or two at a step: who carries it out may do something else in between. */
export function* graphing(assets: readonly ConditionAsset[]): Generator<void, ConditionGraph> {
  const shared = sharing()
  const entities = new Map<string, Draft>()
  const mappings = new Map<Entity, Map<Entity, Mapping>>()
  for (const asset of assets) {
    const own = draft(asset.name, asset, null, shared)
    entities.set(own.id, own)
    for (const check of asset.checks ?? []) {
      const entity = draft(`check:${asset.name}:${check.name}`, asset, check, shared)
      entities.set(entity.id, entity)
      own.checks.push(entity)
    }
    yield
  }
  for (const asset of assets) {
    const down = entities.get(asset.name)!
    for (const edge of asset.edges) {
      const up = entities.get(edge.asset)
      if (!up) continue
      const [mapping, known] = [edge.mapping ?? inferMapping(up.spec, down.spec), mappings.get(down)?.get(up)]
      put(mappings, down, up, known ? both(known, mapping) : mapping)
      if (known) continue
      down.deps.push(up)
      up.dependents.push(down)
    }
    for (const check of down.checks as Draft[]) {
      check.deps.push(down)
      down.dependents.push(check)
    }
    yield
  }
  for (const one of entities.values()) {
    one.deps.sort(byId)
    one.checks.sort(byId)
  }
  const selections = new Map<string, ReadonlySet<string>>()
  const together = new Map<string, Entity[]>()
  for (const one of entities.values()) {
    const id = one.check ? undefined : one.asset.together
    if (id !== undefined) together.set(id, [...(together.get(id) ?? []), one])
  }
  return {
    ordered: orderOf([...entities.values()]),
    entities,
    together,
    mapping(down, up) {
      return mappings.get(down)?.get(up) ?? put(mappings, down, up, inferMapping(up.spec, down.spec))
    },
    domain: (entity, at) => domainOf(entity.spec, at),
    selected(selection) {
      let names = selections.get(selection)
      if (!names) {
        names = new Set(select(parseSelection(selection), { assets }, { external: true }))
        selections.set(selection, names)
      }
      return names
    },
    sharesRun(child, parent) {
      const [a, b] = [child.asset, parent.asset]
      if (a.location !== b.location || a.pool !== b.pool) return false
      if (!child.spec || !parent.spec) return child.spec === parent.spec
      if (!isSameSpec(child.spec, parent.spec)) return false
      return isKeyToKey(mappings.get(child)?.get(parent) ?? inferMapping(parent.spec, child.spec))
    },
  }
}

/** Slices of a run come from slices of the same run: the same ones, or those near them in time. */
function isKeyToKey(mapping: Mapping): boolean {
  if (mapping.kind === 'dims') return mapping.dims.every(({ by }) => isKeyToKey(by))
  if (mapping.kind === 'several') return mapping.of.every(isKeyToKey)
  return mapping.kind === 'identity' || mapping.kind === 'window' || mapping.kind === 'slice'
}

/** What two edges to one asset say together. */
function both(a: Mapping, b: Mapping): Mapping {
  return isSame(a, b) ? a : { kind: 'several', of: [...(a.kind === 'several' ? a.of : [a]), b] }
}

const isSame = (a: Mapping, b: Mapping): boolean => a === b || JSON.stringify(a) === JSON.stringify(b)

function draft(id: string, asset: ConditionAsset, check: ConditionCheck | null, shared: Sharing): Draft {
  return {
    id,
    asset,
    check,
    // A result of a check is of its asset as a whole.
    spec: check || !asset.partitions ? null : internedSpec(asset.partitions),
    condition: shared(check ? check.condition : asset.condition),
    deps: [],
    dependents: [],
    checks: [],
  }
}

type Sharing = (spec: ConditionSpec | undefined) => ConditionSpec | undefined

/** Of a snapshot every asset has a condition of its own: equal ones are one object, which is made ready once. */
function sharing(): Sharing {
  const known = new Map<string, ConditionSpec>()
  return (spec) => {
    if (!spec) return undefined
    const text = JSON.stringify(spec)
    const before = known.get(text)
    if (!before) known.set(text, spec)
    return before ?? spec
  }
}

const specs = new Map<string, PartitionsSpec>()
/** Equal partitions are one object, so that what is computed of them is computed once. */
function internedSpec(spec: PartitionsSpec): PartitionsSpec {
  const text = JSON.stringify(spec)
  const known = specs.get(text)
  if (!known) specs.set(text, spec)
  return known ?? spec
}

function put(map: Map<Entity, Map<Entity, Mapping>>, down: Entity, up: Entity, mapping: Mapping): Mapping {
  let row = map.get(down)
  if (!row) map.set(down, (row = new Map()))
  row.set(up, mapping)
  return mapping
}

const byId = (a: Entity, b: Entity): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)

/** By levels; in a level by name. */
function orderOf(entities: readonly Entity[]): readonly Entity[] {
  const waits = new Map(entities.map((one) => [one, one.deps.filter((dep) => dep !== one).length]))
  const ordered: Entity[] = []
  let level = entities.filter((one) => waits.get(one) === 0)
  while (level.length > 0) {
    ordered.push(...level.toSorted(byId))
    const next: Entity[] = []
    for (const one of level) {
      for (const below of one.dependents) {
        if (below === one) continue
        const left = waits.get(below)! - 1
        waits.set(below, left)
        if (left === 0) next.push(below)
      }
    }
    level = next
  }
  return ordered
}
