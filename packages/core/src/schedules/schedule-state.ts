import type { Json } from '../values/json.ts'

/** A schedule as the server keeps it: what the code (or the API) says of it, and how far it was decided. */
export interface ScheduleState {
  readonly location: string
  readonly name: string
  /** `api`: made at run time; a deploy never touches it. */
  readonly origin: 'code' | 'api'
  /** The schedule's snapshot. */
  readonly spec: Json
  /** Of timetable and zone: where it changes, the watermark moves to now. */
  readonly fingerprint: string
  /** `null`: as the code says. A deploy never resets what a person said. */
  readonly paused: boolean | null
  /** The code that defined it is active no more: its history stays. */
  readonly retired: boolean
  /** Milliseconds since 1970: nothing due at or before it is decided again. */
  readonly watermark: number
  /** Raised by whatever changes more than the watermark: what was decided by an older one does not count. */
  readonly revision: number
}
