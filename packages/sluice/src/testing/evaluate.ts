import {
  type Launch,
  type RunRequest,
  type Schedule,
  type Sensor,
  type Skipped,
  evaluateOnce,
  evaluateTick,
} from '@sluice/core'
import { type TestOptions, inWorld } from './world.ts'

/** The runs that were asked for, or why there is none. */
export type Asked<R> =
  | { readonly runs: readonly R[]; readonly skipped?: undefined }
  | (Skipped & { readonly runs?: undefined })

/**
 * What a schedule launches at a moment, with the defaults of its jobs, checked against its target. Nothing is launched.
 */
export async function evaluateSchedule<P>(
  schedule: Schedule<P>,
  tick: TestOptions & { readonly scheduledFor: string | Temporal.Instant; readonly timeZone?: string },
): Promise<Asked<RunRequest<P>>> {
  const timeZone = tick.timeZone ?? schedule.options.timeZone ?? 'UTC'
  const scheduledFor = Temporal.Instant.from(tick.scheduledFor)
  return (await inWorld(tick, () => evaluateTick(schedule, { scheduledFor, timeZone }))) as Asked<RunRequest<P>>
}

/** What a sensor launches when it looks, and its cursor afterwards. Nothing is launched. */
export async function evaluateSensor<Cursor>(
  sensor: Sensor<Cursor>,
  given: TestOptions & { readonly cursor?: Cursor } = {},
): Promise<Asked<Launch> & { readonly cursor?: Cursor }> {
  const signal = given.signal ?? new AbortController().signal
  return (await inWorld(given, () => evaluateOnce(sensor, { cursor: given.cursor, signal }))) as Asked<Launch> & {
    readonly cursor?: Cursor
  }
}
