import {
  type Launch,
  type Report,
  type RunRequest,
  type Schedule,
  type SensedAsset,
  type SensedRun,
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

/** What a look came to: launches and reports that take effect together with the cursor, or why there is nothing. */
export type SensorLook<Cursor> =
  | {
      readonly runs: readonly Launch[]
      readonly reports: readonly Report[]
      readonly cursor?: Cursor
      readonly skipped?: undefined
    }
  | (Skipped & { readonly runs?: undefined; readonly reports?: undefined; readonly cursor?: undefined })

/**
 * What a sensor launches and reports when it looks, and its cursor afterwards. Nothing is launched. A sensor on events is
 * given those that it would see.
 */
export async function evaluateSensor<Cursor>(
  sensor: Sensor<Cursor>,
  given: TestOptions & { readonly cursor?: Cursor; readonly events?: readonly (SensedRun | SensedAsset)[] } = {},
): Promise<SensorLook<Cursor>> {
  const { cursor, events = [], signal = new AbortController().signal } = given
  return (await inWorld(given, () => evaluateOnce(sensor, { cursor, events, signal }))) as SensorLook<Cursor>
}
