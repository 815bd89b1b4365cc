import type { Skipped } from '../assets/skip.ts'
import { type Place, place } from '../definitions/place.ts'
import type { Launchable, Target } from '../jobs/job.ts'
import type { Awaitable, Empty } from '../schema.ts'

/** One time at which a schedule is due. */
export interface Tick {
  readonly scheduledFor: Temporal.Instant
  readonly timeZone: string
}
export type ParamsOf<X> = X extends Launchable<infer P> ? P : Empty
export interface RunRequest<P> {
  readonly params?: P
  /** A second request with the same word launches nothing. */
  readonly once?: string
  readonly tags?: Readonly<Record<string, string>>
  readonly partition?: string
}
type Given<P> = P | ((tick: Tick) => Awaitable<P | Skipped | readonly RunRequest<P>[]>)

export interface ScheduleDefinition {
  readonly kind: 'schedule'
  readonly name: string
  readonly options: {
    readonly cron: string | readonly string[]
    readonly timeZone?: string
    readonly target: Target
    readonly catchUp?: 'none' | 'latest' | 'all'
    readonly params?: unknown
  }
  readonly place: Place
}

/** A schedule whose target takes these params. */
export interface Schedule<P> extends ScheduleDefinition {
  readonly _p?: P
}

/** Starts runs of `target` by the clock; the target types its params. */
export function schedule<X extends Target>(
  name: string,
  options: {
    cron: string | string[]
    timeZone?: string
    target: X
    catchUp?: 'none' | 'latest' | 'all'
  } & (Empty extends ParamsOf<X> ? { params?: Given<ParamsOf<X>> } : { params: Given<ParamsOf<X>> }),
): Schedule<ParamsOf<X>> {
  return Object.freeze({
    kind: 'schedule',
    name,
    options: Object.freeze({ ...options }) as ScheduleDefinition['options'],
    place: place(),
  })
}
