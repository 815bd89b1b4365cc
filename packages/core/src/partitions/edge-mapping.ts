import type { At } from '../assets/edges.ts'
import { SluiceError } from '../errors/sluice-error.ts'
import type { EdgeSpec } from './at.ts'
import { dimensionsOf } from './grid.ts'
import type { DimensionMapping, FixedDimension, Mapping } from './mapping.ts'
import { type GridSpec, isTime, type PartitionsSpec, type TimeSpec } from './set.ts'
import { timeline } from './time.ts'

/** What an edge says, as a mapping, and whether it gives one value or `Slices`. */
export interface EdgeMapping {
  readonly mapping: Mapping
  readonly mode: 'one' | 'many'
}

type Which = Exclude<At, { readonly dims: unknown }>
type AxisEdge = { readonly by: DimensionMapping['by']; readonly mode: 'one' | 'many' }

const known = new WeakMap<PartitionsSpec, Map<PartitionsSpec | null, Map<At | undefined, EdgeMapping>>>()

/**
 * @param edge whose upstream is partitioned.
 * @throws SluiceError EDGE_INVALID where the edge cannot work, whatever the keys.
 */
export function edgeMapping({ up, down, at, whose = 'The edge' }: EdgeSpec): EdgeMapping {
  if (!up) return { mapping: { kind: 'all' }, mode: 'one' }
  let downs = known.get(up)
  if (!downs) known.set(up, (downs = new Map()))
  let ats = downs.get(down)
  if (!ats) downs.set(down, (ats = new Map()))
  let made = ats.get(at)
  if (!made) ats.set(at, (made = new Reader(up, down, whose).read(at)))
  return made
}

class Reader {
  readonly #up: PartitionsSpec
  readonly #down: PartitionsSpec | null
  readonly #whose: string

  constructor(up: PartitionsSpec, down: PartitionsSpec | null, whose: string) {
    this.#up = up
    this.#down = down
    this.#whose = whose
  }

  read(at: At | undefined): EdgeMapping {
    const [up, down] = [this.#up, this.#down]
    if (at === 'all') return { mapping: { kind: 'all' }, mode: 'many' }
    if (at === 'last') return { mapping: { kind: 'last' }, mode: 'one' }
    if (typeof at === 'object' && 'only' in at) return this.#only(at.only)
    if (typeof at === 'object' && 'dims' in at) return this.#dims(at.dims)
    if (at === undefined && !down) return { mapping: { kind: 'all' }, mode: 'many' }
    if (up.kind === 'grid' || down?.kind === 'grid') return this.#grid(at)
    const { by, mode } = this.#axis(up, down, at)
    return { mapping: by, mode }
  }

  #only(keys: string | readonly string[]): EdgeMapping {
    const list = [keys].flat() as readonly string[]
    const up = this.#up
    for (const key of list) {
      if (up.kind === 'one of' && !up.keys.includes(key))
        throw this.#refuse(
          `.at({ only: "${key}" }) names no slice of ${nameOf(up)}`,
          `Its keys: ${up.keys.join(', ')}.`,
        )
    }
    return { mapping: { kind: 'only', keys: list }, mode: typeof keys === 'string' ? 'one' : 'many' }
  }

  /** Between two that are no grids, or two dimensions. */
  #axis(up: PartitionsSpec, down: PartitionsSpec | null, at: Which | undefined): AxisEdge {
    if (at === undefined) return this.#rule(up, down!)
    if (at === 'all') return { by: { kind: 'all' }, mode: 'many' }
    if (at === 'last') return { by: { kind: 'last' }, mode: 'one' }
    if (typeof at === 'object' && 'only' in at) return new Reader(up, down, this.#whose).#only(at.only) as never
    if (typeof at === 'object' && 'pairs' in at) return this.#pairs(up, down, at.pairs)
    if (typeof at === 'object' && 'from' in at)
      throw this.#refuse(`.at({ from: "${at.from}" }) names a dimension, and this asset has none`, 'Leave from out.')
    if (!isTime(up) || !down || !isTime(down)) {
      throw this.#refuse(
        `.at(${JSON.stringify(at)}) counts slices by the clock, and needs them on both sides`,
        "Use .at('all') or .at({ only: … }).",
      )
    }
    this.#assertSameZone(up, down)
    return typeof at === 'number' ? this.#offset(up, down, at) : this.#offsets(at)
  }

  #rule(up: PartitionsSpec, down: PartitionsSpec): AxisEdge {
    const rule = ruleFor(up, down)
    if (rule && isTime(up) && isTime(down)) this.#assertSameZone(up, down)
    if (rule) return rule
    throw this.#refuse(
      `the upstream is partitioned by ${nameOf(up)}, this asset by ${nameOf(down)}`,
      `Say which slices: .at('all') or ${isTime(up) ? ".at('last')" : '.at({ only: … })'}.`,
    )
  }

  #offset(up: TimeSpec, down: TimeSpec, by: number): AxisEdge {
    if (!Number.isInteger(by))
      throw this.#refuse(`.at(${by}) must be a whole number of slices`, 'Write .at(-1) for the one before.')
    if (lengthOf(up) < lengthOf(down)) {
      throw this.#refuse(
        `a ${down.kind} slice spans many ${up.kind} ones, so .at(${by}) is no single one`,
        `Write .at([${by}, ${by}]).`,
      )
    }
    return { by: { kind: 'slice', by }, mode: 'one' }
  }

  #offsets([from, to]: readonly [number, number]): AxisEdge {
    if (!Number.isInteger(from) || !Number.isInteger(to) || from > to) {
      throw this.#refuse(
        `.at([${from}, ${to}]) must be two whole numbers, the smaller first`,
        'Write .at([-6, 0]) for this slice and the six before.',
      )
    }
    return { by: { kind: 'window', from, to }, mode: 'many' }
  }

  #pairs(
    up: PartitionsSpec,
    down: PartitionsSpec | null,
    keys: Readonly<Record<string, string | readonly string[]>>,
  ): AxisEdge {
    if (up.kind !== 'one of' || down?.kind !== 'one of')
      throw this.#refuse(
        '.at({ pairs }) needs fixed names, oneOf(…), on both sides',
        "Use .at('all') or .at({ only: … }).",
      )
    const pairs: Record<string, string[]> = {}
    for (const [below, above] of Object.entries(keys)) {
      if (!down.keys.includes(below))
        throw this.#refuse(
          `.at({ pairs }) names "${below}", which is no key of this asset`,
          `Its keys: ${down.keys.join(', ')}.`,
        )
      for (const key of [above].flat() as readonly string[]) {
        if (!up.keys.includes(key))
          throw this.#refuse(
            `.at({ pairs }) names no slice of ${nameOf(up)}: "${key}"`,
            `Its keys: ${up.keys.join(', ')}.`,
          )
        pairs[key] = [...(pairs[key] ?? []), below]
      }
    }
    return { by: { kind: 'pairs', pairs }, mode: 'many' }
  }

  /** One side is a grid, and `at` speaks of none of its dimensions. */
  #grid(at: Which | undefined): EdgeMapping {
    const [up, down] = [this.#up, this.#down]
    if (up.kind === 'grid') {
      if (at === undefined) return this.#dims({})
      throw this.#refuse(
        `the upstream is a grid, so .at(${JSON.stringify(at)}) must name a dimension`,
        `Write .at({ dims: { ${dimensionsOf(up)[0]![0]}: … } }).`,
      )
    }
    const named = typeof at === 'object' && 'from' in at ? at : undefined
    const name = this.#dimensionOf(down as GridSpec, up, named?.from)
    const which = named ? (named.at ?? undefined) : at
    const { by, mode } = this.#axis(up, (down as GridSpec).dims[name]!, which)
    return { mapping: { kind: 'dims', dims: [{ up: null, down: name, by }] }, mode }
  }

  /** The dimension of this asset's grid that an upstream (or a dimension of it) follows. */
  #dimensionOf(down: GridSpec, up: PartitionsSpec, named: string | undefined, own?: string): string {
    const dims = dimensionsOf(down)
    const wanted = named ?? (own !== undefined && Object.hasOwn(down.dims, own) ? own : undefined)
    if (wanted !== undefined) {
      if (Object.hasOwn(down.dims, wanted)) return wanted
      throw this.#refuse(`this asset has no dimension "${wanted}"`, `It has ${dims.map(([name]) => name).join(', ')}.`)
    }
    const fit = followed(dims, up)
    if (fit.length === 1) return fit[0]!
    if (fit.length > 1)
      throw this.#refuse(
        `${nameOf(up)} fits several dimensions of this asset: ${fit.join(', ')}`,
        `Write .at({ from: '${fit[0]}' }).`,
      )
    throw this.#refuse(
      `the upstream is partitioned by ${nameOf(up)}, which is no dimension of this asset`,
      `Say which slices: .at('all') or ${isTime(up) ? ".at('last')" : '.at({ only: … })'}.`,
    )
  }

  /** The upstream is a grid: each of its dimensions is chosen, or left to the rule. */
  #dims(chosen: Readonly<Record<string, Which>>): EdgeMapping {
    const [up, down] = [this.#up, this.#down]
    if (up.kind !== 'grid')
      throw this.#refuse('.at({ dims }) chooses by dimension, and the upstream is no grid', 'Leave dims out.')
    for (const name of Object.keys(chosen)) {
      if (!Object.hasOwn(up.dims, name))
        throw this.#refuse(
          `the upstream has no dimension "${name}"`,
          `It has ${dimensionsOf(up)
            .map(([one]) => one)
            .join(', ')}.`,
        )
    }
    const dims: DimensionMapping[] = []
    const fixed: FixedDimension[] = []
    const isSingle = down !== null && down.kind !== 'grid'
    const follows = isSingle ? this.#followers(up, down, chosen) : undefined
    let mode: 'one' | 'many' = 'one'
    for (const [name, dim] of dimensionsOf(up)) {
      const which = chosen[name]
      if (which === 'all') mode = 'many'
      else if (which === 'last') fixed.push({ up: name, by: { kind: 'last' } })
      else if (typeof which === 'object' && 'only' in which) {
        const only = new Reader(dim, null, this.#whose).#only(which.only)
        fixed.push({ up: name, by: only.mapping as FixedDimension['by'] })
        if (only.mode === 'many') mode = 'many'
      } else {
        const below = follows ? (follows.has(name) ? null : undefined) : this.#counterpart(dim, name, which)
        if (below === undefined) mode = 'many'
        else {
          const named = typeof which === 'object' && 'from' in which ? which.at : which
          const one = this.#axis(dim, below === null ? down : (down as GridSpec).dims[below]!, named)
          dims.push({ up: name, down: below, by: one.by })
          if (one.mode === 'many') mode = 'many'
        }
      }
    }
    if (dims.length === 0 && Object.keys(chosen).length === 0)
      throw this.#refuse(
        `the upstream is ${nameOf(up)}, this asset ${down ? `by ${nameOf(down)}` : 'not partitioned'}`,
        "Say which slices: .at('all') or .at({ dims: … }).",
      )
    return { mapping: { kind: 'dims', dims, ...(fixed.length > 0 && { fixed }) }, mode }
  }

  /** This asset is no grid: the dimensions of the upstream that go with its key. */
  #followers(up: GridSpec, down: PartitionsSpec, chosen: Readonly<Record<string, Which>>): ReadonlySet<string> {
    const named = dimensionsOf(up).filter(([name]) => chosen[name] !== undefined && isFollowing(chosen[name]))
    if (named.length > 0) return new Set(named.map(([name]) => name))
    const fit = followed(
      dimensionsOf(up).filter(([name]) => chosen[name] === undefined),
      down,
    )
    if (fit.length <= 1) return new Set(fit)
    throw this.#refuse(
      `${nameOf(down)} fits several dimensions of the upstream: ${fit.join(', ')}`,
      `Write .at({ dims: { ${fit[0]}: 'all' } }) for one that does not.`,
    )
  }

  #counterpart(dim: PartitionsSpec, name: string, which: Which | undefined): string | undefined {
    if (this.#down?.kind !== 'grid') {
      if (which === undefined) return undefined
      throw this.#refuse(
        `dimension ${name}: this asset is not partitioned, so there is nothing to count from`,
        "Use 'all', 'last' or { only: … }.",
      )
    }
    const named = typeof which === 'object' && 'from' in which ? which.from : undefined
    const hasOwn = Object.hasOwn(this.#down.dims, name) && ruleFor(dim, this.#down.dims[name]!) !== undefined
    if (which === undefined && !hasOwn) {
      const fit = followed(dimensionsOf(this.#down), dim)
      return fit.length === 1 ? fit[0] : undefined
    }
    return this.#dimensionOf(this.#down, dim, named, name)
  }

  #assertSameZone(up: TimeSpec, down: TimeSpec): void {
    if (up.timeZone === down.timeZone) return
    throw this.#refuse(
      `the upstream's days are those of ${up.timeZone}, this asset's those of ${down.timeZone}`,
      "Give both the same timeZone, or say which slices: .at('last').",
    )
  }

  #refuse(what: string, hint: string): SluiceError {
    return new SluiceError('EDGE_INVALID', `${this.#whose}: ${what}.`, { hint })
  }
}

/** Does it count from a slice of this asset? */
const isFollowing = (which: Which): boolean =>
  typeof which === 'number' ||
  Array.isArray(which) ||
  (typeof which === 'object' && ('from' in which || 'pairs' in which))

/** The dimensions that are partitioned alike; else the only one by the clock, where the other is too. */
function followed(dims: readonly (readonly [string, PartitionsSpec])[], single: PartitionsSpec): readonly string[] {
  const alike = dims.filter(([, dim]) => isAlike(dim, single))
  if (alike.length > 0 || !isTime(single)) return alike.map(([name]) => name)
  return dims.filter(([, dim]) => isTime(dim)).map(([name]) => name)
}

const isAlike = (a: PartitionsSpec, b: PartitionsSpec): boolean => ruleFor(a, b)?.mode === 'one'

/** What the rule says of two that are no grids; `undefined`: nothing. */
function ruleFor(up: PartitionsSpec, down: PartitionsSpec): AxisEdge | undefined {
  if (isTime(up) && isTime(down)) {
    const isSame = up.kind === down.kind && (up.kind !== 'cron' || up.cron === (down as typeof up).cron)
    return { by: { kind: 'window', from: 0, to: 0 }, mode: isSame ? 'one' : 'many' }
  }
  return isSameSet(up, down) ? { by: { kind: 'identity' }, mode: 'one' } : undefined
}

/** Alike by kind, as the types see it: of fixed names, the downstream may have more. */
function isSameSet(up: PartitionsSpec, down: PartitionsSpec): boolean {
  if (up.kind === 'dynamic' && down.kind === 'dynamic') return up.name === down.name
  return up.kind === 'one of' && down.kind === 'one of' && up.keys.every((key) => down.keys.includes(key))
}

/** How long a slice is, about: months differ by days, and days by hours. */
function lengthOf(spec: TimeSpec): number {
  const line = timeline(spec)
  const hours = Math.round((line.endOf(line.first) - line.startOf(line.first)) / 3_600_000)
  return spec.kind === 'cron' ? hours : { hourly: 1, daily: 24, weekly: 168, monthly: 730 }[spec.kind]
}

function nameOf(spec: PartitionsSpec): string {
  if (spec.kind === 'dynamic') return `dynamic('${spec.name}')`
  if (spec.kind === 'grid')
    return `a grid of ${dimensionsOf(spec)
      .map(([name]) => name)
      .join(', ')}`
  if (spec.kind === 'cron') return `cron('${spec.cron}')`
  return spec.kind === 'one of'
    ? `oneOf(${spec.keys.slice(0, 3).join(', ')}${spec.keys.length > 3 ? ', …' : ''})`
    : spec.kind
}
