import type { Target } from '../jobs/job.ts'
import { jobPartitions, resolveTarget } from '../jobs/resolve.ts'
import type { LimitClaim } from '../runs/run.ts'
import { milliseconds } from '../time/duration.ts'
import { encode } from '../values/encode.ts'
import type { CatchUp, ScheduleDefinition } from './schedule.ts'
import { type Timetable, fingerprintOf } from './timetable.ts'

/** A schedule as plain data: what the server decides by. */
export interface ScheduleSpec {
  readonly timetable: Timetable
  /** A job, a flow, a task, an asset or a selection of assets. */
  readonly target: string
  /** Encoded, with the defaults of the jobs; `null` for none. */
  readonly params: string | null
  /** Of its runs, where the code was asked for them when it was described. */
  readonly title: string | null
  readonly limits: readonly LimitClaim[] | null
  /** The params are a function of the tick: the code is asked. */
  readonly asks: boolean
  readonly catchUp: CatchUp
  /** Milliseconds; 0 for none. */
  readonly jitter: number
  readonly paused: boolean
  readonly tags: Readonly<Record<string, string>>
}

/**
 * Of what makes a schedule tick: where it changes, what would have been due before does not count. A pause that the code
 * takes back is such a change, too.
 */
export const scheduleFingerprint = ({ timetable, paused }: Pick<ScheduleSpec, 'timetable' | 'paused'>): string =>
  `${paused ? 'paused ' : ''}${fingerprintOf(timetable)}`

/** @throws SluiceError ARGUMENT_NOT_STORABLE where params are given that are no data. */
export function scheduleSpec({ options, timetable }: ScheduleDefinition): ScheduleSpec {
  const asks = typeof options.params === 'function' || jobPartitions(options.target) !== null
  const { params } = asks ? { params: undefined } : resolveTarget(options.target, options.params)
  return {
    timetable,
    target: targetName(options.target),
    params: params === undefined ? null : encode(params, { code: 'ARGUMENT_NOT_STORABLE' }),
    title: null,
    limits: null,
    asks,
    catchUp: options.catchUp ?? 'latest',
    jitter: options.jitter === undefined ? 0 : milliseconds(options.jitter),
    paused: options.paused ?? false,
    tags: options.tags ?? {},
  }
}

/** What a target is called where it is launched. */
export const targetName = (target: Target): string => (typeof target === 'string' ? target : target.name)
