import type { Json } from '../values/json.ts'

/** A sensor as the server keeps it. */
export interface SensorState {
  readonly location: string
  readonly name: string
  /** The sensor's snapshot. */
  readonly spec: Json
  /** `null`: as the code says. */
  readonly paused: boolean | null
  readonly retired: boolean
  /** Encoded, as its last look returned it; `null` before. */
  readonly cursor: string | null
  /** The event up to which a sensor on events has looked. */
  readonly after: number
  /** When it is looked at next, milliseconds since 1970. */
  readonly nextAt: number
  /** Looks in a row that failed. */
  readonly failures: number
  /** The server that is looking now, until `leaseUntil`; `null` for none. */
  readonly leasedBy: string | null
  readonly leaseUntil: number
}
