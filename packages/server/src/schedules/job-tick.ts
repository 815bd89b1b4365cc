import { type JobSnapshot, type ScheduleSpec, type Snapshot, SluiceError, endedKeys, isTime } from '@sluice/core'
import { type AskedRun, keysAt, launchTarget } from '@sluice/engine'
import type { Context } from '../context.ts'
import type { ActiveCode } from '../locations/locations.ts'
import { readyParams } from '../runs/launch.ts'

type Partitioned = JobSnapshot & { readonly partitions: NonNullable<JobSnapshot['partitions']> }

/** The job that a target is, where it is one of a flow whose params the code makes from a slice; else `null`. */
export function partitionedJob(snapshot: Snapshot, target: string): Partitioned | null {
  const chosen = launchTarget(snapshot, target)
  if ('selection' in chosen || !chosen.job?.partitions) return null
  return { ...chosen.job, partitions: chosen.job.partitions }
}

/**
 * A schedule that is made at run time can have such a job where a tick says which slice it is of, and no params.
 *
 * @throws SluiceError PARTITION_REQUIRED, PARAMS_UNKNOWN.
 */
export function assertTicks({ name, partitions }: Partitioned, hasParams: boolean): void {
  const all = partitions.kind === 'grid' ? Object.values(partitions.dims) : [partitions]
  if (!all.some(isTime))
    throw new SluiceError('PARTITION_REQUIRED', `Slices of job "${name}" do not end by the clock: a tick says none.`, {
      hint: 'Write the schedule in the code: its params are a function that says of which slices runs are.',
    })
  if (hasParams)
    throw new SluiceError('PARAMS_UNKNOWN', `Job "${name}" makes its params from the slice that had ended.`, {
      hint: 'Leave them out.',
    })
}

/**
 * What a schedule that was made at run time launches of such a job, as one in the code does: the slices that had ended
 * last at the tick, a run for each, with the params that the code makes from them.
 *
 * @throws SluiceError what the code fails with.
 */
export async function jobTick(
  context: Context,
  code: ActiveCode,
  spec: ScheduleSpec,
  tick: number,
): Promise<AskedRun[]> {
  const { target, tags } = spec
  const job = partitionedJob(code.snapshot, target)
  if (!job) {
    // It had partitions when the schedule was made; the code of now has other ones.
    const ready = await readyParams(context, code, { target })
    return [{ target, ...ready, once: null, tags: { ...ready.tags, ...tags }, partition: null }]
  }
  const keys = endedKeys(job.partitions, await keysAt(context.store, [job], tick)) ?? []
  const runs: AskedRun[] = []
  for (const partition of keys) {
    const ready = await readyParams(context, code, { target, partition })
    runs.push({ target, ...ready, once: null, tags: { ...ready.tags, ...tags }, partition })
  }
  return runs
}
