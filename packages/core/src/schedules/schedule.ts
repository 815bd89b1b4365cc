import type { Skipped } from '../assets/skip.ts'
import { type Place, place } from '../definitions/place.ts'
import { SluiceError } from '../errors/sluice-error.ts'
import type { Launchable, SlicedJob, Target } from '../jobs/job.ts'
import type { AnyPartitions } from '../partitions/kinds.ts'
import { cronOf, type TickAt } from '../partitions/ruler.ts'
import { isTime, type PartitionsSpec, type TimeSpec } from '../partitions/set.ts'
import type { Awaitable, Empty } from '../schema.ts'
import { type Duration, milliseconds } from '../time/duration.ts'
import { type Timetable, anchorOf, ticksOf } from './timetable.ts'

/** One time at which a schedule is due. */
export interface Tick {
  readonly scheduledFor: Temporal.Instant
  readonly timeZone: string
}
/** What a schedule or a sensor gives; of a partitioned job nothing, as its params are made from the slice. */
export type ParamsOf<X> = X extends SlicedJob<unknown> ? Empty : X extends Launchable<infer P> ? P : Empty
export interface RunRequest<P> {
  readonly params?: P
  /** A second request with the same word launches nothing. */
  readonly once?: string
  readonly tags?: Readonly<Record<string, string>>
  readonly partition?: string
}
type Given<P> = P | ((tick: Tick) => Awaitable<P | Skipped | readonly RunRequest<P>[]>)

/** When: a cron expression (or several), an interval, or a rule. Exactly one of them. */
export interface TimetableOptions {
  /** Five fields, or a macro such as `@daily`; of several, each tick of any. */
  readonly cron?: string | readonly string[]
  /** Every so often, counted from `anchor`. From a day on, on the calendar: 09:00 stays 09:00 over daylight saving. */
  readonly every?: Duration
  /** A local time or an instant that is a tick of `every`. Default: midnight, 1 January 1970, there. */
  readonly anchor?: string
  /** A rule of RFC 5545: `FREQ=MONTHLY;BYDAY=-1FR`, or lines of DTSTART, RRULE, RDATE and EXDATE. */
  readonly rrule?: string
  /** An IANA name. Default `UTC`. */
  readonly timeZone?: string
}

/**
 * What happens to ticks that came while no server ran: nothing; the latest one; all, or the newest of them. What is
 * decided is in the history of ticks either way.
 */
export type CatchUp = 'none' | 'latest' | 'all' | { readonly all: number }

export interface ScheduleOptions extends TimetableOptions {
  readonly description?: string
  /** Default `latest`. */
  readonly catchUp?: CatchUp
  /** Each run starts up to so much later, by an amount that is fixed for the schedule and the tick. */
  readonly jitter?: Duration
  /** Until a person lets it go on; what a person says counts over this, also after a deploy. */
  readonly paused?: boolean
  /** Of every run that it launches. */
  readonly tags?: Readonly<Record<string, string>>
}

export interface ScheduleDefinition {
  readonly kind: 'schedule'
  readonly name: string
  readonly options: ScheduleOptions & { readonly target: Target; readonly params?: unknown; readonly at?: TickAt }
  readonly timetable: Timetable
  readonly place: Place
}

/** A schedule whose target takes these params. */
export interface Schedule<P> extends ScheduleDefinition {
  readonly _p?: P
}

type When =
  | { cron: string | readonly string[]; every?: never; anchor?: never; rrule?: never }
  | { every: Duration; anchor?: string; cron?: never; rrule?: never }
  | { rrule: string; cron?: never; every?: never; anchor?: never }
  /** Of a target that is partitioned by time: when a slice of it ends, or at another minute, hour or day (`at`). */
  | { at?: TickAt; rrule?: never; cron?: never; every?: never; anchor?: never }

/**
 * Starts runs of `target` by the clock; the target types its params.
 *
 * @throws SluiceError CRON_INVALID, RRULE_INVALID, DEFINITION_INVALID.
 */
export function schedule<X extends Target>(
  name: string,
  options: Omit<ScheduleOptions, keyof TimetableOptions> &
    When & { timeZone?: string; target: X } & (Empty extends ParamsOf<X>
      ? { params?: Given<ParamsOf<X>> }
      : { params: Given<ParamsOf<X>> }),
): Schedule<ParamsOf<X>>
export function schedule(name: string, options: ScheduleDefinition['options']): ScheduleDefinition {
  const timetable = saysWhen(options) ? timetableOf(options) : ofPartitions(name, options)
  checkOptions(name, options)
  return Object.freeze({
    kind: 'schedule',
    name,
    options: Object.freeze({ ...options }),
    timetable,
    place: place(),
  })
}

const saysWhen = ({ cron, every, rrule }: TimetableOptions): boolean => (cron ?? every ?? rrule) !== undefined

/** As often as slices of the target end. */
function ofPartitions(name: string, { target, at, timeZone }: ScheduleDefinition['options']): Timetable {
  const spec = timeOf(partitionsOf(target))
  if (!spec)
    throw new SluiceError(
      'DEFINITION_INVALID',
      `Schedule "${name}" does not say when, and its target is not partitioned by time.`,
      {
        hint: "Write cron: '0 2 * * *', every: '15m', or rrule: 'FREQ=MONTHLY;BYDAY=-1FR'.",
      },
    )
  return { kind: 'cron', cron: [cronOf(spec, at)], timeZone: timeZone ?? spec.timeZone }
}

function partitionsOf(target: Target): PartitionsSpec | null {
  const { kind, partitions, options } = target as {
    readonly kind?: string
    readonly partitions?: AnyPartitions
    readonly options?: { readonly target?: Target | readonly Target[] }
  }
  if (partitions) return partitions.spec
  if (kind !== 'job' || !options?.target) return null
  const below = [options.target].flat() as readonly Target[]
  return below.map(partitionsOf).find((one) => one !== null) ?? null
}

/** Of a grid, its dimension by the clock. */
function timeOf(spec: PartitionsSpec | null): TimeSpec | null {
  if (!spec || isTime(spec)) return spec
  return spec.kind === 'grid' ? (Object.values(spec.dims).find(isTime) ?? null) : null
}

/**
 * What the options say, as plain data; it was read, and can be.
 *
 * @throws SluiceError CRON_INVALID, RRULE_INVALID, DEFINITION_INVALID.
 */
export function timetableOf(options: TimetableOptions): Timetable {
  const { cron, every, anchor = '1970-01-01T00:00', rrule, timeZone = 'UTC' } = options
  const given = [cron, every, rrule].filter((one) => one !== undefined).length
  if (given !== 1)
    throw new SluiceError('DEFINITION_INVALID', `A schedule has one of cron, every and rrule, and this has ${given}.`, {
      hint: "Write cron: '0 2 * * *', every: '15m', or rrule: 'FREQ=MONTHLY;BYDAY=-1FR'.",
    })
  const timetable: Timetable =
    cron !== undefined
      ? { kind: 'cron', cron: typeof cron === 'string' ? [cron] : [...cron], timeZone }
      : every !== undefined
        ? { kind: 'every', every: milliseconds(every), anchor: anchorOf(anchor, timeZone), timeZone }
        : { kind: 'rrule', rrule: rrule!, timeZone }
  if (timetable.kind === 'cron' && timetable.cron.length === 0)
    throw new SluiceError('DEFINITION_INVALID', 'A schedule without any cron expression never ticks.')
  ticksOf(timetable)
  return timetable
}

function checkOptions(name: string, { catchUp, jitter }: Pick<ScheduleOptions, 'catchUp' | 'jitter'>): void {
  if (jitter !== undefined) milliseconds(jitter)
  if (catchUp === undefined || catchUp === 'none' || catchUp === 'latest' || catchUp === 'all') return
  if (Number.isInteger(catchUp.all) && catchUp.all > 0) return
  throw new SluiceError('DEFINITION_INVALID', `Schedule "${name}": catchUp cannot be ${JSON.stringify(catchUp)}.`, {
    hint: "Write 'none', 'latest', 'all', or { all: 10 } for the newest ten.",
  })
}
