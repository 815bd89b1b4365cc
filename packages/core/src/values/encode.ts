import { kindOf, TAG } from './codec-kinds.ts'
import { notStorable, whatIs, type NotStorableCode, type Place } from './not-storable.ts'

export interface EncodeOptions {
  /** Called with each object met (also arrays, maps, dates), parents first; once for each place it is met at. */
  readonly onObject?: ((object: object) => void) | undefined
  /** The code of the error where something cannot be stored. Default `RESULT_NOT_STORABLE`. */
  readonly code?: NotStorableCode | undefined
}

/** Deeper values are refused: a recursion without a limit would end in a RangeError instead of a path. */
export const MAX_DEPTH = 1000

interface Walk {
  /** The way down to the value at hand: `places[n]` leads from `objects[n]` to `objects[n + 1]`. */
  readonly places: Place[]
  readonly objects: object[]
  readonly sorted: boolean
  readonly onObject: ((object: object) => void) | undefined
  readonly code: NotStorableCode
}

/**
 * A value as text: JSON, where what JSON lacks (`undefined`, `NaN`, `-0`, dates, Temporal, `Map`, `Set`, bigints,
 * bytes) is an object with the tag `$`. `decode` gives an equal value back; shared references come back as copies, a
 * record without a prototype comes back as a plain one, a `Buffer` as a `Uint8Array`.
 *
 * @throws SluiceError RESULT_NOT_STORABLE (or the code given) for cycles, functions, symbols, instances of classes,
 *   arrays with holes and values nested deeper than 1000; the message has the path.
 */
export function encode(value: unknown, options?: EncodeOptions): string {
  return write(value, false, options)
}

/**
 * Like `encode`, with the keys of every record in one order, so that equal values have equal texts: what hashes are
 * made of. `decode` reads it too. The order in a `Map` or `Set` counts.
 */
export function canonical(value: unknown, options?: EncodeOptions): string {
  return write(value, true, options)
}

function write(value: unknown, sorted: boolean, options: EncodeOptions | undefined): string {
  const walk = {
    places: [],
    objects: [],
    sorted,
    onObject: options?.onObject,
    code: options?.code ?? 'RESULT_NOT_STORABLE',
  }
  return JSON.stringify(replace(value, walk, 0))
}

/** The value itself where JSON says it as it is (so plain data is only looked at), otherwise what stands for it. */
function replace(value: unknown, walk: Walk, depth: number): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      return value - value === 0 && (value !== 0 || 1 / value > 0) ? value : replaceNumber(value)
    case 'undefined':
      return { [TAG]: 'undefined' }
    case 'bigint':
      return { [TAG]: 'bigint', v: value.toString() }
    case 'object':
      return value === null ? null : replaceObject(value, walk, depth)
    default:
      throw refuse(value, walk, depth)
  }
}

function replaceNumber(value: number): unknown {
  return { [TAG]: 'number', v: Object.is(value, -0) ? '-0' : String(value) }
}

function replaceObject(value: object, walk: Walk, depth: number): unknown {
  if (depth >= MAX_DEPTH) throw refuseDepth(value, walk)
  walk.objects[depth] = value
  walk.onObject?.(value)
  const prototype: object | null = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null)
    return replaceRecord(value as Record<string, unknown>, walk, depth)
  if (prototype === Array.prototype) return replaceArray(value as unknown[], walk, depth)
  const kind = kindOf(value, prototype)
  if (kind) {
    const inner = (part: unknown, text: string) => {
      walk.places[depth] = { text }
      return replace(part, walk, depth + 1)
    }
    return { [TAG]: kind.tag, v: kind.write(value as never, inner) }
  }
  if (isForeignRecord(prototype)) return replaceRecord(value as Record<string, unknown>, walk, depth)
  if (isForeignArray(value, prototype)) return replaceArray(value, walk, depth)
  throw refuse(value, walk, depth)
}

/** Records and arrays of another realm (a `vm` context, an iframe) have another `Object.prototype`. */
function isForeignRecord(prototype: object): boolean {
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf')
}

function isForeignArray(value: object, prototype: object): value is unknown[] {
  return Array.isArray(value) && Object.hasOwn(prototype, 'copyWithin')
}

function replaceArray(value: unknown[], walk: Walk, depth: number): unknown {
  let copy: unknown[] | undefined
  for (let index = 0; index < value.length; index += 1) {
    const item = value[index]
    walk.places[depth] = index
    if (item === undefined && !Object.hasOwn(value, index)) {
      throw notStorable(
        walk.code,
        walk.places.slice(0, depth + 1),
        'a hole in an array',
        'Fill the array: Array.from(it).',
      )
    }
    const written = replace(item, walk, depth + 1)
    if (written === item) continue
    copy ??= value.slice()
    copy[index] = written
  }
  return copy ?? value
}

function replaceRecord(value: Record<string, unknown>, walk: Walk, depth: number): unknown {
  let copy: Record<string, unknown> | undefined
  let rebuild = false
  let before = ''
  for (const key in value) {
    const item = value[key]
    walk.places[depth] = key
    if (key.charCodeAt(0) === 36 && isEscaped(key)) rebuild = true
    if (walk.sorted) {
      if (key < before) rebuild = true
      before = key
    }
    const written = replace(item, walk, depth + 1)
    if (written === item) continue
    copy ??= { ...value }
    copy[key] = written
  }
  const symbol = Object.getOwnPropertySymbols(value)[0]
  if (symbol !== undefined) {
    throw notStorable(
      walk.code,
      walk.places.slice(0, depth),
      `a record with the key ${String(symbol)}`,
      'Use texts as keys.',
    )
  }
  return rebuild ? rename(copy ?? value, walk.sorted) : (copy ?? value)
}

/** The tag, and every key that an escaped one could be taken for. */
export const isEscaped = (key: string): boolean => /^\$+$/.test(key)

function rename(value: Record<string, unknown>, sorted: boolean): Record<string, unknown> {
  const keys = Object.keys(value)
  const renamed: Record<string, unknown> = {}
  for (const key of sorted ? keys.sort() : keys) {
    const to = key.charCodeAt(0) === 36 && isEscaped(key) ? `$${key}` : key
    if (to === '__proto__') Object.defineProperty(renamed, to, { value: value[key], enumerable: true })
    else renamed[to] = value[key]
  }
  return renamed
}

function refuse(value: unknown, walk: Walk, depth: number): Error {
  const { found, hint } = whatIs(value)
  return notStorable(walk.code, walk.places.slice(0, depth), found, hint)
}

/** Too deep is nearly always a circle: the first object that is met again says where. */
function refuseDepth(value: object, walk: Walk): Error {
  const seen = new Map<object, number>()
  for (const [depth, object] of [...walk.objects.slice(0, MAX_DEPTH), value].entries()) {
    const first = seen.get(object)
    if (first !== undefined) {
      const above = first === 0 ? 'the whole value' : 'what contains it'
      return notStorable(
        walk.code,
        walk.places.slice(0, depth),
        `${above} again, a cycle`,
        'Leave the reference back out.',
      )
    }
    seen.set(object, depth)
  }
  const found = `nested deeper than ${MAX_DEPTH} levels`
  return notStorable(walk.code, walk.places.slice(0, 8), found, 'Give a flat list, where each item names its parent.')
}
