import { calling } from '../calls/calling.ts'
import { SluiceError } from '../errors/sluice-error.ts'
import type { PartitionsSpec, TimeSpec } from './set.ts'

export interface Window {
  readonly start: Temporal.Instant
  /** Exclusive. */
  readonly end: Temporal.Instant
}

/** `Kind` is the brand that edges are compared by; `Slice` is what a run sees. */
export interface Partitions<Kind extends string = string, Slice extends { key: string } = { key: string }> {
  readonly kind: Kind
  readonly spec: PartitionsSpec
  readonly _slice?: Slice
}
// oxlint-disable-next-line no-explicit-any -- any partitions at all
export type AnyPartitions = Partitions<any, any>
export type TimeKind = 'hourly' | 'daily' | 'weekly' | 'monthly' | `cron ${string}`
export interface TimeSlice {
  readonly key: string
  readonly window: Window
}
// oxlint-disable-next-line no-explicit-any -- any kind
export type SliceOf<P> = P extends Partitions<any, infer L> ? L : undefined
export type Dims = Readonly<Record<string, AnyPartitions>>

export interface Grid<D extends Dims> extends Partitions<
  'grid',
  { readonly key: string; readonly dims: { readonly [N in keyof D]: SliceOf<D[N]> } }
> {
  readonly dims: D
}

export interface TimeOptions {
  /** The first slice: a date (`2026-01-01`), or a local date and time. */
  readonly start: string
  /** Where the slices end: a date, or a local date and time, that no slice goes past. Default: they go on. */
  readonly end?: string
  /** Default `UTC`. */
  readonly timeZone?: string
  /** How many slices past the last whole one exist already; negative: are held back. Default 0: a slice exists when it has ended. */
  readonly endOffset?: number
  /**
   * How the start of a slice is written as its key: `%Y %y %m %d %H %M %S %b %B %z`, as in `strftime`. Default `%Y-%m-%d`,
   * with `-%H:%M` for hours.
   */
  readonly format?: string
  /**
   * Slices that are left out, by their start: cron expressions (`'0 0 * * 6,0'`), and local dates or times
   * (`'2026-12-25'`). The slice before one that is left out ends where it did.
   */
  readonly exclude?: readonly string[]
}
export interface HourlyOptions extends TimeOptions {
  /** The minute at which each slice starts, 0 to 59. */
  readonly minuteOffset?: number
}
export interface DailyOptions extends HourlyOptions {
  /** The hour at which each slice starts, 0 to 23. */
  readonly hourOffset?: number
}
export interface WeeklyOptions extends DailyOptions {
  /** The day at which each slice starts: 0, the default, is Sunday, 6 Saturday. */
  readonly dayOffset?: number
}
export interface MonthlyOptions extends DailyOptions {
  /** The day at which each slice starts, 1 to 31. A month without that day begins no slice. */
  readonly dayOffset?: number
}

const time = <K extends TimeKind>(kind: K, spec: Partial<TimeSpec>): Partitions<K, TimeSlice> =>
  Object.freeze({ kind, spec: Object.freeze({ timeZone: 'UTC', ...spec }) as TimeSpec })

/** A slice for each hour; keys like `2026-01-01-13:00`. */
export function hourly(options: HourlyOptions): Partitions<'hourly', TimeSlice> {
  return time('hourly', { kind: 'hourly', ...options })
}
/** A slice for each day of the time zone (23 or 25 hours long where clocks change); keys like `2026-01-01`. */
export function daily(options: DailyOptions): Partitions<'daily', TimeSlice> {
  return time('daily', { kind: 'daily', ...options })
}
/** A slice for each week, from Sunday; keys are the first day. */
export function weekly(options: WeeklyOptions): Partitions<'weekly', TimeSlice> {
  return time('weekly', { kind: 'weekly', ...options })
}
/** A slice for each month; keys are the first day. */
export function monthly(options: MonthlyOptions): Partitions<'monthly', TimeSlice> {
  return time('monthly', { kind: 'monthly', ...options })
}
/**
 * A slice from each tick of a cron expression to the next: `cron('0 0 * * 1-5', { start: '2026-01-01' })` has the working
 * days, and Friday's lasts until Monday. Keys are the start, `2026-01-01-06:00`; only the day where all ticks are at midnight.
 */
export function cron<const C extends string>(expression: C, options: TimeOptions): Partitions<`cron ${C}`, TimeSlice> {
  return time(`cron ${expression}`, { kind: 'cron', cron: expression, ...options })
}

/** A slice for each of these names. */
export function oneOf<const K extends string>(keys: readonly K[]): Partitions<`one of ${K}`, { readonly key: K }> {
  if (new Set(keys).size !== keys.length)
    throw new SluiceError('DEFINITION_INVALID', `oneOf() has a key twice: ${keys.join(', ')}.`)
  return Object.freeze({
    kind: `one of ${keys.join('|')}` as `one of ${K}`,
    spec: { kind: 'one of' as const, keys },
  })
}

/** Slices whose keys are added and removed while things run. */
export interface Dynamic<N extends string> extends Partitions<`dynamic ${N}`, { readonly key: string }> {
  /** Keys that are there already are left as they are. */
  add(keys: readonly string[]): Promise<void>
  remove(keys: readonly string[]): Promise<void>
  keys(): Promise<string[]>
}
export function dynamic<const N extends string>(name: N): Dynamic<N> {
  const port = (): ReturnType<ReturnType<typeof calling>['partitions']> =>
    calling(`dynamic('${name}')`).partitions(name)
  return Object.freeze({
    kind: `dynamic ${name}` as const,
    spec: { kind: 'dynamic' as const, name },
    add: (keys: readonly string[]) => port().add(keys),
    remove: (keys: readonly string[]) => port().remove(keys),
    keys: () => port().keys(),
  })
}

/** Every combination of its dimensions; a key is the dimensions' keys joined by `|`, sorted by the dimension's name. */
export function grid<const D extends Dims>(dims: D): Grid<D> {
  const specs = Object.fromEntries(Object.entries(dims).map(([name, dim]) => [name, dim.spec]))
  return Object.freeze({ kind: 'grid' as const, dims, spec: { kind: 'grid' as const, dims: specs } })
}
