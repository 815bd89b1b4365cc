import type { Domain } from '../partitions/domain.ts'
import { neededBy, needs } from '../partitions/map-set.ts'
import type { KeysAt } from '../partitions/set.ts'
import { difference, intersection, isEmpty, none, type Spans, union } from '../partitions/spans.ts'
import { compile, type Node } from './compile.ts'
import type { OfDeps } from './condition.ts'
import { downstreamConditions } from './downstream.ts'
import type { Facts, Timed } from './facts.ts'
import type { ConditionGraph, Entity } from './graph.ts'
import { type Leaf, leaf, type LeafContext } from './leaves.ts'
import { type EntityState, kindOf, type NodeState, rebase, type TickState } from './state.ts'
import { latestOf, laterThan, setOfTimes, settled, timesOf } from './times.ts'
import type { Trace } from './trace.ts'

/** One evaluation of everything, of which each entity sees what those before it in the order have requested. */
export interface TickContext {
  readonly graph: ConditionGraph
  readonly keysAt: KeysAt
  readonly now: number
  readonly facts: Facts
  readonly before: TickState | null
  /** What this tick requests so far. */
  readonly requested: ReadonlyMap<Entity, Spans>
}

export interface Evaluated {
  readonly set: Spans
  readonly state: EntityState
  readonly trace: Trace | null
}

interface Answer {
  readonly set: Spans
  /** As far as Dagster knows them: not through `and`, `or`, `not`. */
  readonly times: readonly Timed[] | null
  /** When each slice became true, as far as it is known; only where it is asked for. */
  readonly each: readonly Timed[]
  readonly trace: Trace | null
}

interface At {
  readonly node: Node
  readonly entity: Entity
  readonly candidate: Spans
  /** `reset`: an update counts from when its run began. */
  readonly want: 'set' | 'trigger' | 'reset'
}

/** The slices of an entity that its condition requests now. Pure. */
export function evaluateEntity(root: Entity, tick: TickContext, isTraced = false): Evaluated {
  return new Evaluation(root, tick, isTraced).run()
}

class Evaluation {
  readonly #root: Entity
  readonly #tick: TickContext
  readonly #isTraced: boolean
  readonly #previous: EntityState | null
  readonly #nodes = new Map<string, { entity: Entity; domain: Domain; state: NodeState }>()
  readonly #path: Node[] = []
  readonly #leaves: LeafContext
  #isMoving = false
  #sign = 0

  constructor(root: Entity, tick: TickContext, isTraced: boolean) {
    this.#root = root
    this.#tick = tick
    this.#isTraced = isTraced
    const domain = this.#domain(root)
    const previous = tick.before?.entities.get(root.id)
    this.#previous = previous ?? null
    const isInitial = !previous || kindOf(previous.domain) !== kindOf(domain)
    this.#leaves = {
      ...tick,
      root,
      isInitial,
      previousAt: previous ? tick.before!.at : null,
      domain: (entity) => this.#domain(entity),
      requestedBefore: (entity) => {
        const state = tick.before?.entities.get(entity.id)
        return state ? rebase(state.requested, state.domain, this.#domain(entity)) : none
      },
    }
  }

  run(): Evaluated {
    const domain = this.#domain(this.#root)
    const node = compile(this.#root.condition!)
    const { set, trace } = this.#of({ node, entity: this.#root, candidate: domain.all, want: 'set' })
    const state = {
      domain,
      requested: set,
      nodes: this.#nodes,
      isMoving: this.#isMoving,
      sign: this.#sign,
      kept: this.#previous?.kept ?? null,
    }
    return { set, state, trace }
  }

  #domain(entity: Entity): Domain {
    return this.#tick.graph.domain(entity, this.#tick.keysAt)
  }

  #of(at: At): Answer {
    // Nothing to ask of, and nothing to remember.
    if (!at.node.isStateful && !this.#isTraced && isEmpty(at.candidate)) return nothing
    this.#path.push(at.node)
    const answer = this.#evaluate(at)
    this.#path.pop()
    return answer
  }

  #evaluate(at: At): Answer {
    const { spec } = at.node
    switch (spec.op) {
      case 'and':
        return this.#and(at)
      case 'or':
        return this.#or(at)
      case 'not': {
        const inner = this.#of({ ...at, node: at.node.of[0]!, want: 'set' })
        return this.#answer(at, difference(at.candidate, inner.set), { parts: [inner] })
      }
      case 'newlyTrue':
        return this.#newlyTrue(at)
      case 'since':
        return spec.keeps === 'each' ? this.#sinceEach(at) : this.#since(at)
      case 'codeVersionChanged':
        return this.#codeVersion(at)
      case 'anyDepsMatch':
      case 'allDepsMatch':
        return this.#quantified(at, this.#deps(at.entity, spec), spec.op === 'anyDepsMatch')
      case 'anyChecksMatch':
      case 'allChecksMatch': {
        const checks = spec.blockingOnly ? at.entity.checks.filter(({ check }) => check?.blocking) : at.entity.checks
        return this.#quantified(at, checks, spec.op === 'anyChecksMatch')
      }
      case 'assetMatches': {
        const other = this.#tick.graph.entities.get(spec.asset)
        return other ? this.#through(at, other) : this.#answer(at, none, {})
      }
      case 'anyDownstreamConditions': {
        const specs = downstreamConditions(at.entity, this.#path)
        const parts = specs.map((one) => this.#of({ ...at, node: compile(one) }))
        return this.#answer(
          at,
          parts.reduce((set, part) => union(set, part.set), none),
          { parts },
        )
      }
      default:
        return this.#leaf(at, leaf(spec, at.node, at.entity, at.candidate, this.#leaves))
    }
  }

  #leaf(at: At, { set, times, began, isMoment }: Leaf): Answer {
    if (isMoment && !isEmpty(set)) this.#isMoving = true
    const each = at.want === 'reset' ? (began ?? times) : times
    return this.#answer(at, set, { times, each: each ?? [] })
  }

  #and(at: At): Answer {
    const parts: Answer[] = []
    let set = at.candidate
    for (const node of at.node.of) {
      const part = this.#of({ ...at, node, candidate: set })
      parts.push(part)
      set = intersection(set, part.set)
    }
    return this.#answer(at, set, { parts, each: this.#joined(at, parts, set) })
  }

  #or(at: At): Answer {
    const parts = at.node.of.map((node) => this.#of({ ...at, node }))
    const set = parts.reduce((all, part) => union(all, part.set), none)
    if (at.want === 'set') return this.#answer(at, set, { parts })
    const timed = parts.map((part) => ({ ...part, each: timesOf(part.set, part.each, this.#tick.now) }))
    return this.#answer(at, set, { parts, each: this.#joined(at, timed, set) })
  }

  #joined(at: At, parts: readonly Answer[], set: Spans): readonly Timed[] {
    if (at.want === 'set') return []
    const all = parts.flatMap((part) => part.each)
    return latestOf(
      all.map((one) => ({ at: one.at, set: intersection(one.set, set) })).filter((one) => !isEmpty(one.set)),
    )
  }

  /** The child is asked of every slice, so that no change is missed. */
  #newlyTrue(at: At): Answer {
    const all = this.#domain(at.entity).all
    const inner = this.#of({ ...at, node: at.node.of[0]!, candidate: all, want: 'set' })
    const before = this.#remembered(at)
    const newly = difference(inner.set, before?.set ?? none)
    this.#remember(at, { set: inner.set })
    if (!isEmpty(newly)) this.#isMoving = true
    const set = intersection(at.candidate, newly)
    // It became so at some time since the tick before: what deals with it may have begun already.
    return this.#answer(at, set, { parts: [inner], each: [{ at: this.#leaves.previousAt ?? 0, set }] })
  }

  #since(at: At): Answer {
    const all = this.#domain(at.entity).all
    const [trigger, reset] = at.node.of.map((node) => this.#of({ ...at, node, candidate: all, want: 'set' })) as [
      Answer,
      Answer,
    ]
    let set = difference(union(this.#remembered(at)?.set ?? none, trigger.set), reset.set)
    const both = intersection(trigger.set, reset.set)
    if (!isEmpty(both) && trigger.times && reset.times)
      set = union(set, intersection(laterThan(trigger.times, reset.times), both))
    this.#remember(at, { set })
    return this.#answer(at, set, { parts: [trigger, reset], times: trigger.times })
  }

  #sinceEach(at: At): Answer {
    const all = this.#domain(at.entity).all
    const [when, until] = at.node.of as [Node, Node]
    const trigger = this.#of({ ...at, node: when, candidate: all, want: 'trigger' })
    const reset = this.#of({ ...at, node: until, candidate: all, want: 'reset' })
    const { now } = this.#tick
    const pending = [...(this.#remembered(at)?.times ?? []), ...timesOf(trigger.set, trigger.each, now)]
    const times = settled(latestOf(pending), timesOf(reset.set, reset.each, now))
    this.#remember(at, { times })
    return this.#answer(at, setOfTimes(times), { parts: [trigger, reset], each: times })
  }

  #codeVersion(at: At): Answer {
    const now = at.entity.asset.codeVersion ?? null
    const before = this.#remembered(at)?.value ?? null
    this.#remember(at, { value: now })
    const isChanged = before !== null && before !== now
    if (isChanged) this.#isMoving = true
    return this.#answer(at, isChanged ? at.candidate : none, {})
  }

  #deps(entity: Entity, { allowed, ignored }: OfDeps): readonly Entity[] {
    const deps = entity.deps.filter(({ check }) => check === null)
    if (allowed === undefined && ignored === undefined) return deps
    const { graph } = this.#tick
    return deps.filter(
      ({ id }) =>
        (allowed === undefined || graph.selected(allowed).has(id)) &&
        (ignored === undefined || !graph.selected(ignored).has(id)),
    )
  }

  #quantified(at: At, others: readonly Entity[], isAny: boolean): Answer {
    const parts = others.map((other) => this.#through(at, other))
    const set = isAny
      ? intersection(
          at.candidate,
          parts.reduce((all, part) => union(all, part.set), none),
        )
      : parts.reduce((all, part) => intersection(all, part.set), at.candidate)
    const times = isAny ? parts.flatMap((part) => part.times ?? []) : []
    return this.#answer(at, set, { parts, times: times.length > 0 ? times : null, each: this.#joined(at, parts, set) })
  }

  /** Asks another entity of the slices that belong to these, and brings back those that its answer belongs to. */
  #through(at: At, other: Entity): Answer {
    const { entity } = at
    const isBelow = other !== entity && (other.deps.includes(entity) || entity.checks.includes(other))
    const to = (set: Spans): Spans => (isBelow ? this.#down(entity, other, set) : this.#up(entity, other, set))
    const back = (set: Spans): Spans => (isBelow ? this.#up(other, entity, set) : this.#down(other, entity, set))
    const inner = this.#of({ ...at, node: at.node.of[0]!, entity: other, candidate: to(at.candidate) })
    const moved = (times: readonly Timed[]): readonly Timed[] =>
      times.map((one) => ({ at: one.at, set: back(one.set) }))
    return {
      set: back(inner.set),
      times: inner.times && moved(inner.times),
      each: at.want === 'set' ? [] : latestOf(moved(timesOf(inner.set, inner.each, this.#tick.now))),
      trace: this.#isTraced
        ? {
            spec: null,
            entity: other,
            domain: this.#domain(other),
            set: inner.set,
            candidate: to(at.candidate),
            of: inner.trace ? [inner.trace] : [],
          }
        : null,
    }
  }

  #up(down: Entity, up: Entity, set: Spans): Spans {
    if (isEmpty(set)) return none
    const [below, above] = [this.#domain(down), this.#domain(up)]
    if (above.axes.length === 0) return true
    return needs(this.#tick.graph.mapping(down, up), below, above, set).set
  }

  #down(up: Entity, down: Entity, set: Spans): Spans {
    if (isEmpty(set)) return none
    const [below, above] = [this.#domain(down), this.#domain(up)]
    if (below.axes.length === 0 && above.axes.length === 0) return true
    return neededBy(this.#tick.graph.mapping(down, up), below, above, set)
  }

  #key(at: At): string {
    return at.entity === this.#root ? at.node.id : `${at.node.id} ${at.entity.id}`
  }

  #remembered(at: At): NodeState | null {
    const found = this.#previous?.nodes.get(this.#key(at))
    if (!found) return null
    const domain = this.#domain(at.entity)
    if (found.domain === domain || domain.axes.length === 0)
      return kindOf(found.domain) === kindOf(domain) ? found.state : null
    const { set, times, value } = found.state
    return {
      ...(set !== undefined && { set: rebase(set, found.domain, domain) }),
      ...(times && { times: times.map((one) => ({ at: one.at, set: rebase(one.set, found.domain, domain) })) }),
      ...(value !== undefined && { value }),
    }
  }

  #remember(at: At, state: NodeState): void {
    this.#nodes.set(this.#key(at), { entity: at.entity, domain: this.#domain(at.entity), state })
  }

  #answer(
    at: At,
    set: Spans,
    more: { parts?: readonly Answer[]; times?: readonly Timed[] | null; each?: readonly Timed[] },
  ): Answer {
    this.#sign = signed(this.#sign, set)
    const trace = this.#isTraced
      ? {
          spec: at.node.spec,
          entity: at.entity,
          domain: this.#domain(at.entity),
          set,
          candidate: at.candidate,
          of: (more.parts ?? []).flatMap((part) => (part.trace ? [part.trace] : [])),
        }
      : null
    return { set, times: more.times ?? null, each: more.each ?? [], trace }
  }
}

/** A number that changes with each answer, and in all likelihood with what it is. */
function signed(sign: number, set: Spans): number {
  if (set === true) return Math.imul(sign ^ 1, 0x01000193)
  let next = Math.imul(sign ^ 2, 0x01000193)
  for (const { from, to, rest } of set) {
    next = Math.imul(next ^ from, 0x01000193)
    next = Math.imul(next ^ to, 0x01000193)
    if (rest !== true) next = signed(next, rest)
  }
  return next
}

const nothing: Answer = { set: none, times: null, each: [], trace: null }
