/** Writes something inside a value that is being encoded; `place` is its part of the path, such as `.get("eu")`. */
export type WriteInner = (value: unknown, place: string) => unknown

/** One kind of value that JSON lacks: how it becomes JSON under its tag, and how it comes back. */
export interface Kind {
  /** What the encoding calls it. Stored for good: never rename one. */
  readonly tag: string
  readonly write: (value: never, inner: WriteInner) => unknown
  readonly read: (json: never) => unknown
}

/** The key that marks a tagged value; a user's own key made only of `$` gets one `$` more. */
export const TAG = '$'

function kind<T>(tag: string, write: (value: T, inner: WriteInner) => unknown, read: (json: never) => T): Kind {
  return { tag, write, read }
}

/**
 * A zoned time is written as its exact instant and its zone: the offset that `toString` prints is rounded to minutes,
 * and the rules of a zone may change between writing and reading.
 */
function zonedText(value: Temporal.ZonedDateTime): string {
  const calendar = value.calendarId === 'iso8601' ? '' : `[u-ca=${value.calendarId}]`
  return `${value.toInstant().toString()}[${value.timeZoneId}]${calendar}`
}

const text = (value: { toString(): string }) => value.toString()

/** By prototype: only the exact class fits, as a subclass would come back as something else. */
export const kindsByPrototype: ReadonlyMap<object, Kind> = new Map([
  [
    Date.prototype,
    kind(
      'date',
      (date: Date) => (Number.isNaN(date.getTime()) ? null : date.toISOString()),
      (json: string | null) => new Date(json ?? Number.NaN),
    ),
  ],
  [Map.prototype, kind('map', writeMap, (json: [unknown, unknown][]) => new Map(json))],
  [Set.prototype, kind('set', writeSet, (json: unknown[]) => new Set(json))],
  [Uint8Array.prototype, kind('bytes', (bytes: Uint8Array) => toBase64(bytes), fromBase64)],
  [
    ArrayBuffer.prototype,
    kind(
      'buffer',
      (buffer: ArrayBuffer) => toBase64(new Uint8Array(buffer)),
      (json: string) => fromBase64(json).buffer,
    ),
  ],
  ...temporalKinds(),
])

function writeMap(map: Map<unknown, unknown>, inner: WriteInner): unknown {
  const entries: unknown[] = []
  for (const [key, value] of map) {
    entries.push([inner(key, `.keys()[${entries.length}]`), inner(value, mapPlace(key, entries.length))])
  }
  return entries
}

const mapPlace = (key: unknown, index: number) =>
  typeof key === 'string' || typeof key === 'number' ? `.get(${JSON.stringify(key)})` : `.values()[${index}]`

function writeSet(set: Set<unknown>, inner: WriteInner): unknown {
  const items: unknown[] = []
  for (const item of set) items.push(inner(item, `.values()[${items.length}]`))
  return items
}

function temporalKinds(): [object, Kind][] {
  if (typeof Temporal === 'undefined') return []
  return [
    [Temporal.Instant.prototype, kind('instant', text, (json: string) => Temporal.Instant.from(json))],
    [Temporal.ZonedDateTime.prototype, kind('zoned', zonedText, (json: string) => Temporal.ZonedDateTime.from(json))],
    [Temporal.PlainDate.prototype, kind('plain-date', text, (json: string) => Temporal.PlainDate.from(json))],
    [Temporal.PlainTime.prototype, kind('plain-time', text, (json: string) => Temporal.PlainTime.from(json))],
    [
      Temporal.PlainDateTime.prototype,
      kind('plain-date-time', text, (json: string) => Temporal.PlainDateTime.from(json)),
    ],
    [Temporal.PlainYearMonth.prototype, kind('year-month', text, (json: string) => Temporal.PlainYearMonth.from(json))],
    [Temporal.PlainMonthDay.prototype, kind('month-day', text, (json: string) => Temporal.PlainMonthDay.from(json))],
    [Temporal.Duration.prototype, kind('duration', text, (json: string) => Temporal.Duration.from(json))],
  ]
}

/** Node's `Buffer` is written as the bytes that it is, and comes back as a `Uint8Array`. */
export function kindOf(value: object, prototype: object | null): Kind | undefined {
  const exact = prototype === null ? undefined : kindsByPrototype.get(prototype)
  if (exact || !(value instanceof Uint8Array) || prototype?.constructor?.name !== 'Buffer') return exact
  return kindsByPrototype.get(Uint8Array.prototype)
}

const byTag = new Map<string, (json: never) => unknown>([
  ['undefined', () => undefined],
  ['number', (json: string) => Number(json)],
  ['bigint', (json: string) => BigInt(json)],
])
for (const { tag, read } of kindsByPrototype.values()) byTag.set(tag, read)

export function readerOf(tag: unknown): ((json: never) => unknown) | undefined {
  return byTag.get(tag as string)
}

/** Some browsers lack `toBase64`; `btoa` takes text, made in chunks that fit an argument list. */
function toBase64(bytes: Uint8Array): string {
  if (typeof Uint8Array.prototype.toBase64 === 'function') return Uint8Array.prototype.toBase64.call(bytes)
  let binary = ''
  for (let at = 0; at < bytes.length; at += 8192) binary += String.fromCharCode(...bytes.subarray(at, at + 8192))
  return btoa(binary)
}

function fromBase64(json: string): Uint8Array<ArrayBuffer> {
  if (typeof Uint8Array.fromBase64 === 'function') return Uint8Array.fromBase64(json)
  return Uint8Array.from(atob(json), (char) => char.codePointAt(0)!)
}
