import { type Skipped, isSkipped } from '../assets/skip.ts'
import { SluiceError } from '../errors/sluice-error.ts'
import type { Target } from '../jobs/job.ts'
import { checkRequest } from '../schedules/evaluate.ts'
import { targetName } from '../schedules/schedule-spec.ts'
import type { RunRequest } from '../schedules/schedule.ts'
import { validate } from '../schema.ts'
import type { Launch, Looked, Report, ReportOptions, SensorDefinition } from './sensor.ts'

/** What one look of a sensor came to. A cursor that it did not give stays as it was. */
export type LookedOnce =
  | { readonly runs: readonly Launch[]; readonly reports: readonly Report[]; readonly cursor: unknown }
  | Skipped

/**
 * Looks once: what it launches and reports takes effect together with its new cursor.
 *
 * @throws SluiceError PARAMS_INVALID where a cursor or the params of a launch do not fit.
 */
export async function evaluateOnce(
  sensor: SensorDefinition,
  given: { cursor: unknown; signal: AbortSignal; events?: readonly unknown[] },
): Promise<LookedOnce> {
  const { signal, events = [] } = given
  const cursor = given.cursor === undefined ? undefined : await parseCursor(sensor, given.cursor)
  const targets = new Map<Launch, Target>()
  const launch = (target: Target, request: RunRequest<unknown> = {}): Launch => {
    const made: Launch = { kind: 'launch', target: targetName(target), request }
    targets.set(made, target)
    return made
  }
  const result = (await sensor.run({ cursor, signal, events, launch, report })) as Looked<undefined> | undefined
  if (isSkipped(result)) return result
  const runs: Launch[] = []
  for (const one of result?.runs ?? []) {
    const target = targets.get(one)
    if (!target) throw new SluiceError('DEFINITION_INVALID', `Sensor "${sensor.name}" must return what launch() gave.`)
    runs.push({ ...one, request: await checkRequest(`Sensor "${sensor.name}"`, target, one.request) })
  }
  const reports = result?.reports ?? []
  const next: unknown = result?.cursor
  if (next === undefined) return { runs, reports, cursor: given.cursor }
  await parseCursor(sensor, next)
  return { runs, reports, cursor: next }
}

function report(asset: { readonly name: string }, options: ReportOptions = {}): Report {
  const { partition = null, what = 'materialization', dataVersion = null, metadata = {} } = options
  return { kind: 'report', asset: asset.name, partition, what, dataVersion, metadata }
}

async function parseCursor({ name, options }: SensorDefinition, cursor: unknown): Promise<unknown> {
  if (!options.cursor) return cursor
  const result = await validate(options.cursor, cursor)
  if ('value' in result) return result.value
  const list = result.issues.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; ')
  throw new SluiceError('PARAMS_INVALID', `The cursor of sensor "${name}" does not fit: ${list}.`, {
    data: { issues: result.issues },
  })
}
