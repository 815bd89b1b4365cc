import { SluiceError } from '../errors/sluice-error.ts'
import type { Levels, SelectionAst } from './ast.ts'
import { closest } from './closest.ts'
import { type AssetRecord, type Graph, graphOf } from './graph.ts'

/** What a selection is evaluated on, as plain data. */
export interface SelectionGraph {
  readonly assets: readonly AssetRecord[]
  /** The names of the assets that each job, schedule and sensor targets. */
  readonly jobs?: Readonly<Record<string, readonly string[]>>
  readonly schedules?: Readonly<Record<string, readonly string[]>>
  readonly sensors?: Readonly<Record<string, readonly string[]>>
  /** How fresh each asset is, `missing`, `stale`, `fresh`; an asset with partitions may be several. */
  readonly statuses?: Readonly<Record<string, readonly string[]>>
}

/**
 * The names of the assets that a selection selects, sorted. External assets are selected only where they are named
 * (`key:`, `is:external`) or `external` is set: a selection says what to make, and nobody makes those here.
 *
 * @throws SluiceError ASSET_UNKNOWN for a name without `key:` that does not exist, SELECTION_INVALID for an attribute
 *   that only a running server knows. No match is an empty list, not an error.
 */
export function select(ast: SelectionAst, on: SelectionGraph, options: { readonly external?: boolean } = {}): string[] {
  const evaluate = new Evaluator(on, options.external ?? false)
  return [...evaluate.of(ast)].map((index) => evaluate.graph.names[index]!).toSorted()
}

class Evaluator {
  readonly graph: Graph
  readonly #on: SelectionGraph
  readonly #all: ReadonlySet<number>

  constructor(on: SelectionGraph, external: boolean) {
    this.#on = on
    this.graph = graphOf(on.assets)
    this.#all = new Set(on.assets.keys().filter((index) => external || !on.assets[index]!.external))
  }

  of(ast: SelectionAst): ReadonlySet<number> {
    switch (ast.kind) {
      case 'all':
        return this.#all
      case 'name':
        return new Set([this.#named(ast.name)])
      case 'attribute':
        return this.#attribute(ast)
      case 'and':
        return ast.of.map((part) => this.of(part)).reduce((left, right) => left.intersection(right))
      case 'or':
        return ast.of.map((part) => this.of(part)).reduce((left, right) => left.union(right))
      case 'not':
        return this.#all.difference(this.of(ast.of))
      case 'traverse':
        return this.#traverse(this.of(ast.of), ast.up, ast.down)
      case 'sinks':
        return this.#ends(this.of(ast.of), this.graph.upstream)
      case 'roots':
        return this.#ends(this.of(ast.of), this.graph.downstream)
    }
  }

  #named(name: string): number {
    const index = this.graph.indexes.get(name)
    if (index !== undefined) return index
    const near = closest(name, this.graph.names)
    throw new SluiceError('ASSET_UNKNOWN', `There is no asset "${name}".`, {
      hint: near ? `Did you mean ${near}?` : 'Names are case-sensitive.',
    })
  }

  #attribute({ attribute, value, tagValue }: Extract<SelectionAst, { kind: 'attribute' }>): ReadonlySet<number> {
    switch (attribute) {
      case 'key':
        return this.#where(matcher(value ?? ''), this.graph.everything)
      case 'is':
        return this.#where((one) => (value === 'external') === Boolean(one.external), this.graph.everything)
      case 'tag':
        return this.#tagged(value ?? '', tagValue ?? '')
      case 'owner':
        return this.#where((one) => hasOrNone(one.owners, value))
      case 'kind':
        return this.#where((one) => hasOrNone(one.kinds, value))
      case 'group':
        return this.#where((one) => hasOrNone(one.group === undefined ? [] : [one.group], value))
      // A location may be written as the repository in it.
      case 'location':
        return this.#where(({ location }) =>
          hasOrNone(location === undefined ? [] : [location, `__repository__@${location}`], value),
        )
      case 'column':
        return this.#where(({ columns }) => hasOrNone(columns?.map(({ name }) => name) ?? [], value))
      case 'status':
        return this.#statuses(value)
      case 'job':
        return this.#targets(this.#on.jobs, value)
      case 'schedule':
        return this.#targets(this.#on.schedules, value)
      case 'sensor':
        return this.#targets(this.#on.sensors, value)
      default:
        throw new SluiceError(
          'SELECTION_INVALID',
          `${attribute}: is known only to a running server, so it cannot be used here.`,
          {
            hint: 'Use key:, tag:, owner:, group:, kind:, location:, column:, status:, is:, job:, schedule: or sensor:.',
          },
        )
    }
  }

  #tagged(key: string, value: string): ReadonlySet<number> {
    const fits = fitter(value)
    return this.#where(({ tags = {} }) => Object.hasOwn(tags, key) && fits(tags[key]!))
  }

  #statuses(value: string | null): ReadonlySet<number> {
    const { statuses } = this.#on
    if (!statuses)
      throw new SluiceError('SELECTION_INVALID', 'status: asks the store, and nothing was looked up here.', {
        hint: "It works in sluice assets list --select 'status:stale' and in sluice materialize.",
      })
    const wanted = value?.toLowerCase() ?? ''
    return this.#where(({ name }) => Object.hasOwn(statuses, name) && statuses[name]!.includes(wanted))
  }

  #where(fits: (one: AssetRecord) => boolean, among: Iterable<number> = this.#all): ReadonlySet<number> {
    const found = new Set<number>()
    for (const index of among) if (fits(this.#on.assets[index]!)) found.add(index)
    return found
  }

  #targets(targets: Readonly<Record<string, readonly string[]>> = {}, name: string | null): ReadonlySet<number> {
    const names = name !== null && Object.hasOwn(targets, name) ? targets[name]! : []
    return new Set(names.map((one) => this.graph.indexes.get(one)).filter((index) => index !== undefined))
  }

  #traverse(from: ReadonlySet<number>, up: Levels, down: Levels): ReadonlySet<number> {
    const above = reach(from, this.graph.upstream, up)
    const below = reach(from, this.graph.downstream, down)
    return from.union(above.intersection(this.#all)).union(below.intersection(this.#all))
  }

  /** Those from which no other of them can be reached, over whatever lies between. `edges` lead towards the others. */
  #ends(among: ReadonlySet<number>, edges: readonly (readonly number[])[]): ReadonlySet<number> {
    return among.difference(reach(among, edges, 'all'))
  }
}

/** What lies one step or more along the edges, level by level. */
function reach(from: ReadonlySet<number>, edges: readonly (readonly number[])[], levels: Levels): ReadonlySet<number> {
  const reached = new Set<number>()
  let front: Iterable<number> = from
  for (let level = 0; levels === 'all' || level < levels; level += 1) {
    const next: number[] = []
    for (const index of front) {
      for (const to of edges[index]!) {
        if (reached.has(to)) continue
        reached.add(to)
        next.push(to)
      }
    }
    if (next.length === 0) break
    front = next
  }
  return reached
}

function matcher(value: string): (one: AssetRecord) => boolean {
  const fits = fitter(value)
  return (one) => fits(one.name)
}

/** Equal, or with `*` for any characters. */
function fitter(value: string): (text: string) => boolean {
  if (!value.includes('*')) return (text) => text === value
  const pattern = new RegExp(
    `^${value
      .split(/\*+/)
      .map((part) => RegExp.escape(part))
      .join('.*')}$`,
    's',
  )
  return (text) => pattern.test(text)
}

/** `<null>` fits those that have none. */
function hasOrNone(values: readonly string[] = [], value: string | null): boolean {
  return value === null ? values.length === 0 : values.some(fitter(value))
}
