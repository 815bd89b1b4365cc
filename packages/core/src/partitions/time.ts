import { SluiceError } from '../errors/sluice-error.ts'
import { type Format, formatOf } from './format.ts'
import { computedKeys, type Keys } from './keys.ts'
import { instantOfText, isSecondPass, offsetAt } from './local-time.ts'
import type { TimeSpec } from './set.ts'
import { rulerOf } from './ruler.ts'

/**
 * Slices by the clock as whole numbers: a slice's number and the next one's differ by one, so that offsets and counts
 * are arithmetic. Slices before the first have numbers too: they are the same windows, and do not exist. Times are
 * milliseconds since 1970.
 */
export interface Timeline extends Ruler {
  readonly spec: TimeSpec
  readonly timeZone: string
  readonly first: number
  /** The first one that is no longer there; `null`: they go on. */
  readonly end: number | null
  readonly endOffset: number
  /** May there be time between a slice's end and the next one's start? */
  readonly hasGaps: boolean
  keyOf(slice: number): string
  /** `null` where the text is no key. */
  indexOf(key: string): number | null
}

/** Where slices begin and end. */
export interface Ruler {
  /** The last slice that starts at or before this time. */
  at(ms: number): number
  startOf(slice: number): number
  endOf(slice: number): number
}

const known = new WeakMap<TimeSpec, Timeline>()

/** @throws SluiceError DEFINITION_INVALID for a start, end, format or time zone that cannot be read. */
export function timeline(spec: TimeSpec, whose = 'This'): Timeline {
  const made = known.get(spec) ?? make(spec, whose)
  known.set(spec, made)
  return made
}

function make(spec: TimeSpec, whose: string): Timeline {
  const format = formatOf(spec.format ?? defaultFormat(spec), whose)
  const start = instantOf(spec, format, 'start', spec.start, whose)
  const ruler = rulerOf(spec, start, whose)
  const first = ceil(ruler, start)
  const limit = spec.end === undefined ? null : instantOf(spec, format, 'end', spec.end, whose)
  if (!Number.isInteger(spec.endOffset ?? 0)) {
    throw new SluiceError('DEFINITION_INVALID', `${whose}: endOffset must be a whole number, not ${spec.endOffset}.`)
  }
  return {
    spec,
    timeZone: spec.timeZone,
    first,
    end: limit === null ? null : Math.max(first, lastEnded(ruler, limit) + 1),
    endOffset: spec.endOffset ?? 0,
    hasGaps: (spec.exclude?.length ?? 0) > 0,
    ...ruler,
    ...keysWith(spec, format, ruler),
  }
}

/** @throws SluiceError DEFINITION_INVALID where no slice can ever exist. */
export function assertComes(line: Timeline, whose: string): void {
  const { start, end } = line.spec
  if (line.end === null || line.end > line.first) return
  throw new SluiceError('DEFINITION_INVALID', `${whose}: the partitions end (${end}) before the first (${start}) does.`)
}

/**
 * The slices from one key to another, both included, whether or not they exist yet.
 *
 * @throws SluiceError PARTITION_UNKNOWN for a text that is no key, and for one before the start or after the end.
 */
export function slicesBetween(
  line: Timeline,
  first: string,
  last: string,
): { readonly from: number; readonly to: number } {
  const find = (key: string): number => {
    const slice = line.indexOf(key)
    if (slice !== null && slice >= line.first && (line.end === null || slice < line.end)) return slice
    throw new SluiceError('PARTITION_UNKNOWN', `${JSON.stringify(key)} is none of these partitions.`, {
      hint: `They start with ${line.keyOf(line.first)}.`,
    })
  }
  return { from: find(first), to: find(last) + 1 }
}

function defaultFormat(spec: TimeSpec): string {
  const isByDate = spec.kind === 'cron' ? spec.cron.startsWith('0 0 ') : spec.kind !== 'hourly'
  return isByDate ? '%Y-%m-%d' : '%Y-%m-%d-%H:%M'
}

function instantOf(spec: TimeSpec, format: Format, option: string, text: string, whose: string): number {
  const match = /^(\d{4}-\d\d-\d\d)(?:[-T ](\d\d:\d\d))?$/.exec(text)
  try {
    const read = format.read(text)
    if (read?.offset != null) return read.local - read.offset
    const local = read?.local ?? (match ? Date.parse(`${match[1]}T${match[2] ?? '00:00'}Z`) : Number.NaN)
    // Only a wrong zone throws here.
    if (!Number.isNaN(local) && isDate(match)) return instantOfText(local, checkZone(spec.timeZone))
  } catch (cause) {
    throw invalid(spec, option, text, whose, cause)
  }
  throw invalid(spec, option, text, whose)
}

/** The 30th of February is no date, though JavaScript reads one. */
function isDate(match: RegExpExecArray | null): boolean {
  return !match || new Date(`${match[1]}T00:00Z`).toISOString().startsWith(match[1]!)
}

function checkZone(timeZone: string): string {
  if (timeZone !== 'UTC') offsetAt(timeZone, 0)
  return timeZone
}

function invalid(spec: TimeSpec, option: string, text: string, whose: string, cause?: unknown): SluiceError {
  const what = `${option} ${JSON.stringify(text)} in the time zone ${spec.timeZone}`
  return new SluiceError('DEFINITION_INVALID', `${whose}: ${spec.kind} partitions cannot use ${what}.`, {
    cause,
    hint: "Write a local date or time, '2026-01-01' or '2026-01-01T06:00', and an IANA zone, 'Europe/Madrid'.",
  })
}

/** The first slice that starts at or after this time. */
export function ceil(line: Ruler, ms: number): number {
  const slice = line.at(ms)
  return line.startOf(slice) < ms ? slice + 1 : slice
}

/** The last slice that starts before this time. */
export function lastBefore(line: Ruler, ms: number): number {
  const slice = line.at(ms)
  return line.startOf(slice) < ms ? slice : slice - 1
}

/** The first slice that ends after this time: where windows have gaps, not always the one that started last. */
export function firstEndingAfter(line: Ruler, ms: number): number {
  const slice = line.at(ms)
  return line.endOf(slice) > ms ? slice : slice + 1
}

/** The last slice that has ended by this time. */
export function lastEnded(line: Ruler, ms: number): number {
  const slice = line.at(ms)
  return line.endOf(slice) <= ms ? slice : slice - 1
}

/** The slices that exist at a time, `to` exclusive: those that have ended, with the offset, up to the end. */
export function existing(line: Timeline, now: number): { readonly from: number; readonly to: number } {
  const ended = lastEnded(line, now) + 1 + line.endOffset
  return { from: line.first, to: Math.max(line.first, Math.min(ended, line.end ?? ended)) }
}

export function timeKeys(line: Timeline, now: number): Keys {
  const { from, to } = existing(line, now)
  return computedKeys(
    to - from,
    (index) => line.keyOf(from + index),
    (key) => {
      const slice = line.indexOf(key)
      return slice !== null && slice >= from && slice < to ? slice - from : -1
    },
  )
}

/** The key of the window that holds a time; with `endClosed` a window has its end and not its start. */
export function keyAt(line: Timeline, ms: number, endClosed = false): string {
  return line.keyOf(endClosed ? lastBefore(line, ms) : line.at(ms))
}

/**
 * A key is the start of its window as local time. Where slices come every hour, the second pass of a repeated hour has
 * its offset in the key: `2024-11-03-01:00-0500`.
 */
function keysWith(spec: TimeSpec, format: Format, ruler: Ruler): Pick<Timeline, 'keyOf' | 'indexOf'> {
  const { timeZone } = spec
  const isEveryHour = spec.kind === 'hourly' || (spec.kind === 'cron' && /^\S+ \* /.test(spec.cron))
  const isMarked = isEveryHour && !format.hasOffset
  const marked = isMarked ? formatOf(`${format.pattern}%z`) : format
  const write = (ms: number): string => {
    const offset = offsetAt(timeZone, ms)
    const used = isMarked && isSecondPass(ms, timeZone) ? marked : format
    return used.write(ms + offset, offset)
  }
  // A local time that clocks skip, or between two slices, names the next one (Dagster).
  const isLenient = spec.kind === 'hourly' && !spec.minuteOffset && !spec.exclude?.length
  const keyOf = (slice: number): string => write(ruler.startOf(slice))
  return {
    keyOf,
    indexOf(key) {
      const read = format.read(key) ?? marked.read(key)
      if (!read) return null
      const ms = read.offset === null ? instantOfText(read.local, timeZone) : read.local - read.offset
      const slice = ceil(ruler, ms)
      return isLenient || keyOf(slice) === key ? slice : null
    },
  }
}
