import { type Domain, recordOf, type SetRecord, setOfRecord } from '../partitions/domain.ts'
import { isSameSpec } from '../partitions/mapping.ts'
import type { PartitionsSpec } from '../partitions/set.ts'
import { equals, intersection, isEmpty, none, type Spans } from '../partitions/spans.ts'
import type { Timed } from './facts.ts'
import type { Entity } from './graph.ts'

/** What a node remembers of an entity from the tick before. */
export interface NodeState {
  readonly set?: Spans
  readonly times?: readonly Timed[]
  readonly value?: string | null
}

/** What is remembered of an entity. */
export interface EntityState {
  readonly domain: Domain
  readonly requested: Spans
  /** By the node's id, and for a node that is asked of another entity, that entity's id after a space. */
  readonly nodes: ReadonlyMap<string, { readonly entity: Entity; readonly domain: Domain; readonly state: NodeState }>
  /** Was something true that is true for one tick only? Then the next may differ though nothing happens. */
  readonly isMoving: boolean
  /** A number that is another where any answer was. */
  readonly sign: number
  /** The sign of the last tree that was kept; `null`: none was. */
  readonly kept: number | null
}

/** What is carried from tick to tick. `null` before the first. */
export interface TickState {
  readonly at: number
  readonly entities: ReadonlyMap<string, EntityState>
  /** Ids of those that requested something, or of which something was true for one tick only. */
  readonly unsettled: ReadonlySet<string>
  /** The partitions that move, as they were; `null` where the state was read back: then everything is evaluated. */
  readonly domains: ReadonlyMap<PartitionsSpec, Domain> | null
}

/** The same slices as numbers of another moment: names may have come and gone. */
export function rebase(set: Spans, from: Domain, to: Domain): Spans {
  if (from === to || isEmpty(set)) return set
  if (from.axes.length === 0 || to.axes.length === 0) return from.axes.length === to.axes.length ? set : none
  return isSameNumbers(from, to) ? intersection(set, to.all) : setOfRecord(to, recordOf(from, set))
}

function isSameNumbers(from: Domain, to: Domain): boolean {
  if (from.axes.length !== to.axes.length) return false
  return from.axes.every((axis, n) => {
    const other = to.axes[n]!
    if (axis.name !== other.name) return false
    if (axis.line && other.line) return axis.spec === other.spec || isSameSpec(axis.spec, other.spec)
    return axis.names !== null && other.names !== null && isStartOf(axis.names, other.names)
  })
}

const isStartOf = (a: readonly string[], b: readonly string[]): boolean =>
  a === b || (a.length <= b.length && a.every((one, n) => one === b[n]))

/** Of one kind: windows of time, names, or not partitioned. Where it changes, what was known means nothing. */
export const kindOf = ({ spec }: Domain): 'none' | 'time' | 'names' =>
  spec === null ? 'none' : spec.kind === 'one of' || spec.kind === 'dynamic' || spec.kind === 'grid' ? 'names' : 'time'

/** Are they the same to whoever reads them back? Of domains of different moments nobody says so. */
export function isSameState(a: EntityState, b: EntityState): boolean {
  if (a.domain !== b.domain || a.isMoving !== b.isMoving || a.kept !== b.kept) return false
  if (!equals(a.requested, b.requested) || a.nodes.size !== b.nodes.size) return false
  for (const [key, { domain, state }] of a.nodes) {
    const other = b.nodes.get(key)
    if (other?.domain !== domain || !isSameNode(state, other.state)) return false
  }
  return true
}

function isSameNode(a: NodeState, b: NodeState): boolean {
  if (a === b) return true
  const [set, other, times, others] = [a.set ?? none, b.set ?? none, a.times ?? [], b.times ?? []]
  if (a.value !== b.value || !equals(set, other) || times.length !== others.length) return false
  return times.every((one, n) => one.at === others[n]!.at && equals(one.set, others[n]!.set))
}

export interface EntityStateRecord {
  readonly requested: SetRecord
  readonly isMoving: boolean
  readonly kept?: number
  readonly kind: 'none' | 'time' | 'names'
  readonly nodes: Readonly<Record<string, NodeStateRecord>>
}
interface NodeStateRecord {
  readonly set?: SetRecord
  readonly times?: readonly { readonly at: number; readonly set: SetRecord }[]
  readonly value?: string | null
}
export interface TickStateRecord {
  readonly at: number
  readonly entities: Readonly<Record<string, EntityStateRecord>>
}

/** The state as plain data, in keys: it outlives the process, and partitions that come and go. */
export function recordOfState(state: TickState): TickStateRecord {
  const entities = [...state.entities].map(([id, one]) => [id, entityRecord(one)] as const)
  return { at: state.at, entities: Object.fromEntries(entities) }
}

export function entityRecord({ domain, requested, nodes, isMoving, kept }: EntityState): EntityStateRecord {
  const list = [...nodes].map(([id, { domain: own, state }]) => [id, nodeRecord(own, state)] as const)
  return {
    requested: recordOf(domain, requested),
    isMoving,
    ...(kept !== null && { kept }),
    kind: kindOf(domain),
    nodes: Object.fromEntries(list),
  }
}

function nodeRecord(domain: Domain, { set, times, value }: NodeState): NodeStateRecord {
  return {
    ...(set !== undefined && { set: recordOf(domain, set) }),
    ...(times && { times: times.map((one) => ({ at: one.at, set: recordOf(domain, one.set) })) }),
    ...(value !== undefined && { value }),
  }
}

/**
 * @param domainOf an entity's partitions now.
 * @param find an entity by its id; what is not there any more is forgotten.
 */
export function stateOfRecord(
  record: TickStateRecord,
  find: (id: string) => Entity | undefined,
  domainOf: (entity: Entity) => Domain,
): TickState {
  const entities = new Map<string, EntityState>()
  for (const [id, one] of Object.entries(record.entities)) {
    const entity = find(id)
    if (!entity) continue
    const domain = domainOf(entity)
    if (kindOf(domain) !== one.kind) continue
    entities.set(id, {
      domain,
      requested: setOfRecord(domain, one.requested),
      isMoving: one.isMoving,
      sign: 0,
      kept: one.kept ?? null,
      nodes: nodesOf(one, entity, find, domainOf),
    })
  }
  return { at: record.at, entities, unsettled: new Set(entities.keys()), domains: null }
}

function nodesOf(
  { nodes }: EntityStateRecord,
  root: Entity,
  find: (id: string) => Entity | undefined,
  domainOf: (entity: Entity) => Domain,
): EntityState['nodes'] {
  const found = new Map<string, { entity: Entity; domain: Domain; state: NodeState }>()
  for (const [key, { set, times, value }] of Object.entries(nodes)) {
    const space = key.indexOf(' ')
    const entity = space === -1 ? root : find(key.slice(space + 1))
    if (!entity) continue
    const domain = domainOf(entity)
    const state = {
      ...(set !== undefined && { set: setOfRecord(domain, set) }),
      ...(times && { times: times.map((one) => ({ at: one.at, set: setOfRecord(domain, one.set) })) }),
      ...(value !== undefined && { value }),
    }
    found.set(key, { entity, domain, state })
  }
  return found
}
