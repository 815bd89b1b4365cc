import { SluiceError } from '../errors/sluice-error.ts'
import { allOf, type Axis, type Domain, domainOf, keysIn, tupleOf } from './domain.ts'
import { dimensionsOf, splitKey } from './grid.ts'
import type { Keys } from './keys.ts'
import { type GridSpec, isTime, keysOf, type KeysAt, type PartitionsSpec, windowOf } from './set.ts'
import { includes, product, type Spans, span, unionAll } from './spans.ts'

/**
 * Keys as people write them: `2026-01-01`, `2026-01-01..2026-01-31` (both included, in the order of the set), and any
 * of these with commas between; of a grid also by dimension, `2026-01-01..2026-01-31|eu,us` and `*` for all of one. In
 * the order of the set, each once.
 *
 * @param whose such as `Asset "sales"`.
 * @throws SluiceError PARTITION_UNKNOWN for a key that does not exist; the message says which do.
 */
export function parseRange(spec: PartitionsSpec, text: string, at: KeysAt, whose = 'This asset'): string[] {
  return [...keysIn(domainOf(spec, at), parseSet(spec, text, at, whose))] as string[]
}

/**
 * The same as a set: a range of a million slices costs what one does.
 *
 * @throws SluiceError PARTITION_UNKNOWN.
 */
export function parseSet(spec: PartitionsSpec, text: string, at: KeysAt, whose = 'This asset'): Spans {
  const domain = domainOf(spec, at)
  const whole = find(domain, text)
  if (whole) return between(domain.axes, whole, whole)
  const parts = text.split(',').map((part) => part.trim())
  if (spec.kind === 'grid' && !parts.every((part) => part.split('..').every((key) => find(domain, key.trim())))) {
    const byDimension = splitKey(text, domain.axes.length)
    if (byDimension) return ofDimensions(spec, byDimension, at, whose)
  }
  return unionAll(
    parts.map((part) => {
      const [from, to, ...more] = part.split('..').map((key) => key.trim())
      const require = (key: string): readonly number[] => {
        const found = find(domain, key)
        if (found) return found
        throw unknown(spec, keysOf(spec, at), key, whose)
      }
      if (more.length > 0) throw unknown(spec, keysOf(spec, at), part, whose)
      const [low, high] = [require(from!), require(to ?? from!)]
      if (isBefore(high, low))
        throw new SluiceError('PARTITION_UNKNOWN', `The range ${part} runs backwards.`, {
          hint: `Write ${to}..${from}.`,
        })
      return between(domain.axes, low, high)
    }),
  )
}

/** The numbers of a key that exists. */
function find(domain: Domain, key: string): readonly number[] | null {
  const tuple = tupleOf(domain, key)
  return tuple && includes(domain.all, tuple) ? tuple : null
}

function ofDimensions(spec: GridSpec, texts: readonly string[], at: KeysAt, whose: string): Spans {
  return product(
    dimensionsOf(spec).map(([name, dim], n) => {
      const text = texts[n]!.trim()
      return text === '*' ? domainOf(dim, at).all : parseSet(dim, text, at, `${whose}, dimension ${name},`)
    }),
  )
}

/** The tuples from one to another, both included, in their order. */
function between(axes: readonly Axis[], from: readonly number[], to: readonly number[]): Spans {
  const [axis, ...rest] = axes
  if (!axis) return true
  const [low, ...after] = from
  const [high, ...before] = to
  const [first, last] = [rest.map((one) => one.from), rest.map((one) => one.to - 1)]
  if (low === high) return span(low!, low! + 1, between(rest, after, before))
  return unionAll([
    span(low!, low! + 1, between(rest, after, last)),
    span(low! + 1, high!, product(rest.map(allOf))),
    span(high!, high! + 1, between(rest, first, before)),
  ])
}

function isBefore(a: readonly number[], b: readonly number[]): boolean {
  const place = a.findIndex((number, n) => number !== b[n])
  return place !== -1 && a[place]! < b[place]!
}

/** One key that must exist; the way it is stored. */
export function requireKey(spec: PartitionsSpec, key: string, at: KeysAt, whose = 'This asset'): string {
  const keys = keysOf(spec, at)
  const index = keys.indexOf(key)
  if (index === -1) throw unknown(spec, keys, key, whose)
  return keys.at(index)!
}

function unknown(spec: PartitionsSpec, keys: Keys, key: string, whose: string): SluiceError {
  return new SluiceError('PARTITION_UNKNOWN', `${whose} has no partition "${key}". ${existing(spec, keys)}`, {
    hint: hintFor(spec, keys, key),
    data: { key, first: keys.first, last: keys.last, count: keys.count },
  })
}

function existing(spec: PartitionsSpec, keys: Keys): string {
  if (keys.count === 0) return 'It has none yet.'
  if (isTime(spec)) return `Its keys run from ${keys.first} to ${keys.last}.`
  const shown = keys.slice(0, 8).join(', ')
  return keys.count > 8 ? `It has ${keys.count}: ${shown}, …` : `It has: ${shown}.`
}

function hintFor(spec: PartitionsSpec, keys: Keys, key: string): string {
  if (spec.kind === 'dynamic') return `Add it: dynamic('${spec.name}').add(['${key}']).`
  if (!isTime(spec)) return 'Choose one of these keys.'
  const window = windowIfKey(spec, key)
  if (!window) return `A key looks like ${keys.first ?? spec.start}, a range like A..B, several like A,B.`
  if (keys.last !== null && key < keys.last) return `The partitions start at ${spec.start}.`
  const ends = window.end
    .toZonedDateTimeISO(spec.timeZone)
    .toPlainDateTime()
    .toString({ smallestUnit: 'minute' })
    .replace('T', ' ')
  return spec.end === undefined || key < spec.end
    ? `A slice exists once it has ended: this one does at ${ends} (${spec.timeZone}).`
    : `The partitions end before ${spec.end}.`
}

function windowIfKey(spec: PartitionsSpec, key: string): ReturnType<typeof windowOf> {
  try {
    return windowOf(spec, key)
  } catch {
    return null
  }
}
