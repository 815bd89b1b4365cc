import type { Skipped } from '../assets/skip.ts'
import { type Place, place } from '../definitions/place.ts'
import type { Target } from '../jobs/job.ts'
import type { ParamsOf, RunRequest } from '../schedules/schedule.ts'
import type { Awaitable, Empty, In, Out, Schema } from '../schema.ts'
import { type Duration, milliseconds } from '../time/duration.ts'

/** A launch that a sensor asks for: it takes effect together with the sensor's new cursor. */
export interface Launch {
  readonly kind: 'launch'
  readonly target: string
  readonly request: RunRequest<unknown>
}

export interface SensorContext<X extends readonly Target[], S extends Schema | undefined> {
  /** What the last evaluation returned; `undefined` the first time. */
  readonly cursor: Out<S> | undefined
  readonly signal: AbortSignal
  launch<Y extends X[number]>(
    target: Y,
    request: Omit<RunRequest<ParamsOf<Y>>, 'params'> &
      (Empty extends ParamsOf<Y> ? { params?: ParamsOf<Y> } : { params: ParamsOf<Y> }),
  ): Launch
}

export interface SensorDefinition {
  readonly kind: 'sensor'
  readonly name: string
  readonly options: { readonly targets: readonly Target[]; readonly every: Duration; readonly cursor?: Schema }
  // oxlint-disable-next-line no-explicit-any -- the context of any sensor
  readonly run: (context: any) => unknown
  readonly place: Place
}

/** A sensor whose stored cursor is this. */
export interface Sensor<Cursor> extends SensorDefinition {
  readonly _cursor?: Cursor
}

/** Starts runs from anything else, by your code: looked at `every` so often, with a typed cursor. */
export function sensor<const X extends readonly Target[], S extends Schema | undefined = undefined>(
  name: string,
  options: { targets: X; every: Duration; cursor?: S },
  run: (context: SensorContext<X, S>) => Awaitable<{ runs: Launch[]; cursor?: In<S> } | Skipped>,
): Sensor<In<S>> {
  milliseconds(options.every)
  return Object.freeze({
    kind: 'sensor',
    name,
    options: Object.freeze({ ...options }) as SensorDefinition['options'],
    run,
    place: place(),
  })
}
