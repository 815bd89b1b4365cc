import { SluiceError, type Timetable, anchorOf, ticksOf, warningsOf } from '@sluice/core'
import type { Evaluator, Input } from './shapes.ts'
import { rejected } from './shapes.ts'

const shown = (ms: number): string => Temporal.Instant.fromEpochMilliseconds(ms).toString()
const instants = (texts: readonly string[]): readonly string[] =>
  texts.map((text) => Temporal.Instant.from(text).toString())
const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/** The first `n` from `start` on, which counts itself. */
function take(timetable: Timetable, input: Input, count: number): readonly string[] {
  const ticks = ticksOf(timetable)
  const start = Temporal.Instant.from(input['start'] as string)
  const last = input['end'] === undefined ? Infinity : Temporal.Instant.from(input['end'] as string).epochMilliseconds
  const isAscending = input['ascending'] !== false
  const list: string[] = []
  let at = isAscending
    ? ticks.next(Number((start.epochNanoseconds - 1n) / 1_000_000n))
    : ticks.previous(start.epochMilliseconds)
  for (; at !== null && at <= last && list.length < count; at = isAscending ? ticks.next(at) : ticks.previous(at - 1))
    list.push(shown(at))
  return list
}

interface CronExpected {
  readonly dagster: { readonly ticks: readonly string[]; readonly valid: boolean; readonly out_of_range: boolean }
  readonly documented_rule?: { readonly ticks: readonly string[] }
}

export const cronTicks: Evaluator = {
  answer(input) {
    const cron = [input['cron'] as string | readonly string[]].flat()
    const timetable: Timetable = { kind: 'cron', cron, timeZone: (input['tz'] as string | undefined) ?? 'UTC' }
    if (input['kind'] === 'ticks') return take(timetable, input, input['n'] as number)
    if (input['kind'] === 'valid') return isValid(timetable)
    return warningsOf(timetable).length > 0
  },
  agrees(got, expected, input) {
    const { dagster, documented_rule: rule } = expected as CronExpected
    if (input['kind'] === 'valid') return got === dagster.valid
    if (input['kind'] !== 'ticks') return got === dagster.out_of_range
    return isSame(got, instants((rule ?? dagster).ticks))
  },
}

/** Can it be read, and does it ever tick? */
function isValid(timetable: Timetable): boolean {
  try {
    return ticksOf(timetable).next(0) !== null
  } catch (error) {
    if (error instanceof SluiceError) return false
    throw error
  }
}

export const rruleInterval: Evaluator = {
  answer(input) {
    try {
      return take(
        timetableOf(input),
        input,
        (input['n'] as number | undefined) ?? (input['end'] === undefined ? 1 : 1000),
      )
    } catch (error) {
      if (error instanceof SluiceError) return rejected
      throw error
    }
  },
  agrees(got, expected) {
    const { dates, error } = expected as { readonly dates?: readonly string[]; readonly error?: true }
    return error ? got === rejected : isSame(got, instants(dates!))
  },
  // From June's anchor to February's date in exact seconds, and on in days: one hour beside the anchor's clock.
  different: ({ input, expected }) =>
    input['kind'] === 'interval' && isBesideClock(input, expected) ? 'An interval has one set of ticks' : undefined,
}

function timetableOf(input: Input): Timetable {
  const timeZone = (input['tz'] as string | undefined) ?? 'UTC'
  if (input['kind'] === 'rrule') return { kind: 'rrule', rrule: input['rrule'] as string, timeZone }
  const every = (input['interval_seconds'] as number) * 1000
  return { kind: 'every', every, anchor: anchorOf(input['anchor'] as string, timeZone), timeZone }
}

/** Are the dates that were expected not at the anchor's time of day, though days are counted? */
function isBesideClock(input: Input, expected: unknown): boolean {
  const timeZone = (input['tz'] as string | undefined) ?? 'UTC'
  const clock = (ms: number): string =>
    Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timeZone).toPlainTime().toString()
  const anchor = clock(anchorOf(input['anchor'] as string, timeZone))
  const { dates = [] } = expected as { readonly dates?: readonly string[] }
  const isDays = (input['interval_seconds'] as number) % 86_400 === 0
  return isDays && dates.some((date) => clock(Temporal.Instant.from(date).epochMilliseconds) !== anchor)
}
