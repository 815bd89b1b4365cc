import type { Json } from '../values/json.ts'

/** How an alert leaves. */
export type AlertChannel = 'webhook' | 'mail'

/** What an alert says: the same for every channel. */
export interface AlertMessage {
  /** Of the incident: the same in every repetition, so that a receiver can drop those. */
  readonly id: string
  readonly kind:
    | 'run.failed'
    | 'run.crashed'
    | 'tick.failed'
    | 'location.failed'
    | 'worker.lost'
    | 'backup.failed'
    | 'freshness.failed'
    | 'freshness.warned'
    | 'test'
  /** When it happened; milliseconds since 1970. */
  readonly at: number
  /** One line. */
  readonly title: string
  /** The title, details, and what to type next. */
  readonly text: string
  /** The same for programs. */
  readonly data: Json
}

/** One message to one receiver, kept until it has left. */
export interface Alert {
  /** Made of incident, location and channel: adding it again changes nothing. */
  readonly id: string
  /** Whose configuration says where it goes: the place itself may be secret and is not kept. */
  readonly location: string
  readonly channel: AlertChannel
  readonly message: AlertMessage
  /** `failed`: given up. */
  readonly state: 'waiting' | 'sent' | 'failed'
  /** How often it was tried. */
  readonly attempts: number
  /** When it is tried next, or counts as untried again where whoever tried it was killed; milliseconds since 1970. */
  readonly nextAt: number
  /** Why it did not leave the last time. */
  readonly error: string | null
  readonly createdAt: number
  readonly endedAt: number | null
}
