import { SluiceError } from '../errors/sluice-error.ts'
import { isTime, type PartitionsSpec, type TimeSpec } from '../partitions/set.ts'
import type { Ticks } from '../schedules/ticks.ts'
import { ticksOf } from '../schedules/timetable.ts'
import { type Duration, milliseconds } from '../time/duration.ts'

/**
 * When an asset counts as fresh: made `within` a time that ends now, or made in time for the deadlines of a cron expression.
 * Of a partitioned asset making any partition counts, however old that is; with `partition: 'latest'` the newest one by the
 * clock has to be there, so long after its end or by the next deadline.
 */
export type Freshness =
  | {
      /** It fails when nothing was made for longer than this; `partition: 'latest'`: so long after the end of a partition. */
      readonly within: Duration
      /** Earlier: a warning. */
      readonly warn?: Duration
      readonly partition?: 'latest'
    }
  | {
      /** Each tick of this expression is a deadline. */
      readonly by: string
      /** What was made so long before the deadline, or later, counts for it. At most the shortest time between two deadlines. */
      readonly lookback: Duration
      /** So long before a deadline for which nothing was made: a warning. */
      readonly warn?: Duration
      /** An IANA name. Default `UTC`. */
      readonly timeZone?: string
    }
  | {
      /** Each tick of this expression is a deadline for the newest partition that has ended by it. */
      readonly by: string
      readonly partition: 'latest'
      /** So long before a deadline: a warning. At most the shortest time between two deadlines. */
      readonly warn?: Duration
      /** An IANA name. Default `UTC`. */
      readonly timeZone?: string
    }

interface Within {
  readonly kind: 'within'
  readonly fail: number
  readonly warn: number | null
}
interface ByDeadline {
  readonly kind: 'by'
  readonly cron: string
  readonly timeZone: string
  readonly lookback: number
  readonly warn: number | null
}

/** The same as plain data; times in milliseconds, `warn: null` for none. */
export type FreshnessSpec =
  | Within
  | ByDeadline
  /** The newest partition of these counts; there is no looking back. */
  | { readonly kind: 'partition'; readonly partitions: TimeSpec; readonly due: Within | ByDeadline }

export const deadlinesOf = ({ cron, timeZone }: Pick<ByDeadline, 'cron' | 'timeZone'>): Ticks =>
  ticksOf({ kind: 'cron', cron: [cron], timeZone })

/**
 * @param whose such as `Asset "orders"`.
 * @param partitions of the asset.
 * @throws SluiceError DEFINITION_INVALID, CRON_INVALID for a policy that cannot work.
 */
export function freshnessSpec(options: Freshness, whose: string, partitions: PartitionsSpec | null): FreshnessSpec {
  const due = dueSpec(options, whose)
  if (!('partition' in options) || options.partition === undefined) return due
  if (partitions && isTime(partitions)) return { kind: 'partition', partitions, due }
  throw new SluiceError('DEFINITION_INVALID', `${whose}: only of partitions by the clock the latest one is due.`, {
    hint: "Leave partition: 'latest' out, or partition it by daily(…), hourly(…) or the like.",
  })
}

function dueSpec(options: Freshness, whose: string): Within | ByDeadline {
  const warn = options.warn === undefined ? null : milliseconds(options.warn)
  if ('within' in options) {
    const fail = milliseconds(options.within)
    if (fail > 0 && (warn === null || warn < fail)) return { kind: 'within', fail, warn }
    throw new SluiceError(
      'DEFINITION_INVALID',
      `${whose}: freshness warns before it fails, and fails after some time.`,
      {
        hint: "Write freshness: { within: '24h', warn: '20h' }.",
      },
    )
  }
  const { by: cron, timeZone = 'UTC' } = options
  const lookback = 'lookback' in options ? milliseconds(options.lookback) : 0
  const spec: ByDeadline = { kind: 'by', cron, timeZone, lookback, warn }
  const shortest = shortestBetween(deadlinesOf(spec))
  if (Math.max(spec.lookback, warn ?? 0) <= shortest) return spec
  throw new SluiceError(
    'DEFINITION_INVALID',
    `${whose}: freshness looks back, and warns, no farther than from one deadline to the next.`,
    { hint: `Between two ticks of ${JSON.stringify(cron)} there may be ${shortest / 60_000} minutes.` },
  )
}

/** Over a year, in which clocks change: the shortest of the first thousand. */
function shortestBetween(ticks: Ticks): number {
  let shortest = Infinity
  let last = ticks.next(Date.UTC(2026, 0))
  for (let count = 0; last !== null && count < 1000 && last < Date.UTC(2027, 1); count++) {
    const next = ticks.next(last)
    if (next === null) break
    shortest = Math.min(shortest, next - last)
    last = next
  }
  return shortest
}
