import type { AnyAsset } from '../assets/asset.ts'
import type { MetadataInput } from '../assets/metadata.ts'
import type { Skipped } from '../assets/skip.ts'
import { type Place, place } from '../definitions/place.ts'
import { SluiceError } from '../errors/sluice-error.ts'
import type { Target } from '../jobs/job.ts'
import type { RunId } from '../runs/run.ts'
import type { ParamsOf, RunRequest } from '../schedules/schedule.ts'
import type { Awaitable, Empty, In, OneOrMore, Out, Schema } from '../schema.ts'
import { type Duration, milliseconds } from '../time/duration.ts'
import type { StoredError } from '../values/stored.ts'

/** A launch that a sensor asks for: it takes effect together with the sensor's new cursor. */
export interface Launch {
  readonly kind: 'launch'
  readonly target: string
  readonly request: RunRequest<unknown>
}

/** What a sensor learned of an asset that something else makes; recorded together with its new cursor. */
export interface Report {
  readonly kind: 'report'
  readonly asset: string
  readonly partition: string | null
  readonly what: 'materialization' | 'observation'
  readonly dataVersion: string | null
  readonly metadata: Readonly<Record<string, MetadataInput>>
}

export interface ReportOptions {
  readonly partition?: string
  /** Default: it was made. */
  readonly what?: 'materialization' | 'observation'
  /** Default: another one each time. */
  readonly dataVersion?: string
  readonly metadata?: Readonly<Record<string, MetadataInput>>
}

/** How a run can end, or that it began. */
export type RunMoment = 'started' | 'succeeded' | 'failed' | 'crashed' | 'canceled'

/** What a sensor waits for, instead of looking every so often. */
export type On =
  | {
      readonly runs: OneOrMore<RunMoment>
      /** Only runs of these. Default: of everything that no sensor's own run is. */
      readonly of?: readonly Target[]
    }
  | {
      readonly assets: readonly AnyAsset[]
      /** Default: made. */
      readonly when?: OneOrMore<'materialized' | 'observed'>
    }

/** What happened, for a sensor on events. */
export interface SensedRun {
  readonly moment: RunMoment
  readonly run: RunId
  /** Of the flow, the task or the selection. */
  readonly name: string
  readonly job: string | null
  readonly tags: Readonly<Record<string, string>>
  readonly error: StoredError | null
  /** Milliseconds since 1970. */
  readonly at: number
}
export interface SensedAsset {
  readonly moment: 'materialized' | 'observed'
  readonly asset: string
  readonly partition: string | null
  readonly run: RunId
  readonly dataVersion: string | null
  /** Milliseconds since 1970. */
  readonly at: number
}
export type Sensed<O> = O extends { readonly runs: unknown }
  ? SensedRun
  : O extends { readonly assets: unknown }
    ? SensedAsset
    : never

export interface SensorContext<X extends readonly Target[], S extends Schema | undefined, O = undefined> {
  /** What the last look returned; `undefined` the first time. */
  readonly cursor: Out<S> | undefined
  /** Aborted when the look takes too long. */
  readonly signal: AbortSignal
  /** Of a sensor on events: those since the last look, the oldest first; at most 100. */
  readonly events: readonly Sensed<O>[]
  launch<Y extends X[number]>(
    target: Y,
    request: Omit<RunRequest<ParamsOf<Y>>, 'params'> &
      (Empty extends ParamsOf<Y> ? { params?: ParamsOf<Y> } : { params: ParamsOf<Y> }),
  ): Launch
  /** Says that an asset was made, or looked at, by something else. */
  report(asset: AnyAsset, options?: ReportOptions): Report
}

export interface SensorOptions {
  readonly description?: string
  /** Between two looks; of a sensor on events, at least so long. */
  readonly every?: Duration
  readonly cursor?: Schema
  /** How long a look may take. Default 60 s. */
  readonly timeout?: Duration
  /** Until a person lets it go on. */
  readonly paused?: boolean
}

export interface SensorDefinition {
  readonly kind: 'sensor'
  readonly name: string
  readonly options: SensorOptions & { readonly targets: readonly Target[]; readonly on?: On }
  // oxlint-disable-next-line no-explicit-any -- the context of any sensor
  readonly run: (context: any) => unknown
  readonly place: Place
}

/** A sensor whose stored cursor is this. */
export interface Sensor<Cursor> extends SensorDefinition {
  readonly _cursor?: Cursor
}

/** What a look gives: runs and reports, with the new cursor, or why there is nothing. */
export type Looked<S> = { runs?: readonly Launch[]; reports?: readonly Report[]; cursor?: In<S> } | Skipped

/**
 * Starts runs from anything else, by your code: looked at `every` so often, with a typed cursor, or `on` what happens to
 * runs and assets.
 *
 * @throws SluiceError DEFINITION_INVALID.
 */
export function sensor<
  const X extends readonly Target[],
  S extends Schema | undefined = undefined,
  const O extends On | undefined = undefined,
>(
  name: string,
  options: Omit<SensorOptions, 'every' | 'cursor'> & { targets: X; cursor?: S } & (
      | { every: Duration; on?: undefined }
      | { on: O & On; every?: Duration }
    ),
  run: (context: SensorContext<X, S, O>) => Awaitable<Looked<S>>,
): Sensor<In<S>> {
  const { every, timeout, on } = options
  if (every !== undefined) milliseconds(every)
  else if (on === undefined)
    throw new SluiceError('DEFINITION_INVALID', `Sensor "${name}" never looks.`, {
      hint: "Give every: '30s', or on: { runs: 'failed' }.",
    })
  if (timeout !== undefined) milliseconds(timeout)
  return Object.freeze({
    kind: 'sensor',
    name,
    options: Object.freeze({ ...options }) as SensorDefinition['options'],
    run,
    place: place(),
  })
}
