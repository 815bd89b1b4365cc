import { type Skipped, isSkipped } from '../assets/skip.ts'
import { SluiceError } from '../errors/sluice-error.ts'
import type { Target } from '../jobs/job.ts'
import { checkRequest } from '../schedules/evaluate.ts'
import type { RunRequest } from '../schedules/schedule.ts'
import { validate } from '../schema.ts'
import type { Launch, SensorDefinition } from './sensor.ts'

/** What one look of a sensor came to. A cursor that it did not give stays as it was. */
export type Sensed = { readonly runs: readonly Launch[]; readonly cursor: unknown } | Skipped

/**
 * Looks once: what it launches takes effect together with its new cursor.
 *
 * @throws SluiceError PARAMS_INVALID where a cursor or the params of a launch do not fit.
 */
export async function evaluateOnce(
  sensor: SensorDefinition,
  given: { cursor: unknown; signal: AbortSignal },
): Promise<Sensed> {
  const cursor = given.cursor === undefined ? undefined : await parseCursor(sensor, given.cursor)
  const targets = new Map<Launch, Target>()
  const launch = (target: Target, request: RunRequest<unknown>): Launch => {
    const made: Launch = { kind: 'launch', target: typeof target === 'string' ? target : target.name, request }
    targets.set(made, target)
    return made
  }
  const result = (await sensor.run({ cursor, signal: given.signal, launch })) as
    | { runs: readonly Launch[]; cursor?: unknown }
    | Skipped
  if (isSkipped(result)) return result
  const runs: Launch[] = []
  for (const one of result.runs) {
    const target = targets.get(one)
    if (!target) throw new SluiceError('DEFINITION_INVALID', `Sensor "${sensor.name}" must return what launch() gave.`)
    runs.push({ ...one, request: await checkRequest(`Sensor "${sensor.name}"`, target, one.request) })
  }
  if (result.cursor === undefined) return { runs, cursor: given.cursor }
  await parseCursor(sensor, result.cursor)
  return { runs, cursor: result.cursor }
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
