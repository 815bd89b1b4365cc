import { type Skipped, isSkipped } from '../assets/skip.ts'
import { SluiceError } from '../errors/sluice-error.ts'
import type { FlowDefinition } from '../flows/flow.ts'
import type { Target } from '../jobs/job.ts'
import { jobPartitions, resolveTarget } from '../jobs/resolve.ts'
import { endedKeys } from '../partitions/ended.ts'
import { validate } from '../schema.ts'
import type { RunRequest, ScheduleDefinition, Tick } from './schedule.ts'

/** What a schedule or a sensor asks for: runs, or a reason for none. */
export type Requested<R = RunRequest<unknown>> = { readonly runs: readonly R[] } | Skipped

/**
 * What a schedule launches at one tick: its params, as its function gives them, under the defaults of its jobs.
 *
 * @throws SluiceError PARAMS_INVALID where they do not fit the target.
 */
export async function evaluateTick(schedule: ScheduleDefinition, tick: Tick): Promise<Requested> {
  const { params, target } = schedule.options
  const given: unknown = typeof params === 'function' ? await (params as (tick: Tick) => unknown)(tick) : params
  if (isSkipped(given)) return given
  const requests = Array.isArray(given)
    ? (given as readonly RunRequest<unknown>[])
    : endedAt(target, tick).map((partition) => ({
        ...(given !== undefined && { params: given }),
        ...(partition !== null && { partition }),
      }))
  const runs: RunRequest<unknown>[] = []
  for (const request of requests) runs.push(await checkRequest(`Schedule "${schedule.name}"`, target, request))
  return { runs }
}

/** Of a partitioned job of a flow: the slices that had ended last at the tick, a run for each. */
function endedAt(target: Target, { scheduledFor: now }: Tick): readonly (string | null)[] {
  const spec = jobPartitions(target)
  return spec ? (endedKeys(spec, { now, dynamic: {} }) ?? []) : [null]
}

/** The request with the jobs' defaults under its params, checked against the target. */
export async function checkRequest(
  whose: string,
  target: Target,
  request: RunRequest<unknown>,
): Promise<RunRequest<unknown>> {
  const { target: launched, params } = resolveTarget(target, request.params, request.partition)
  if (typeof launched !== 'function') return request
  const { name, options } = launched as FlowDefinition
  const full = { ...request, ...(params !== undefined && { params }) }
  if (!options.params) return full
  const result = await validate(options.params, params ?? {})
  if ('value' in result) return full
  const list = result.issues.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; ')
  throw new SluiceError('PARAMS_INVALID', `${whose} launches "${name}" with params that do not fit: ${list}.`, {
    data: { issues: result.issues },
  })
}
