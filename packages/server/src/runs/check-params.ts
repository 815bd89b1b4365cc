import { z } from '@hono/zod-openapi'
import { type Json, type JobSnapshot, type LaunchableSnapshot, SluiceError, decode, encode } from '@sluice/core'
import { takesNone } from '@sluice/engine'

interface Launched {
  readonly kind: 'flow' | 'task'
  readonly name: string
  readonly job: Pick<JobSnapshot, 'params'> | null
  /** `undefined`: the code tells nothing of it. */
  readonly definition: Pick<LaunchableSnapshot, 'takesParams' | 'paramsSchema'> | undefined
}

/**
 * The params of a launch, encoded, as far as the snapshot can tell without the code: with what the job gives, of the right
 * form, and by the JSON Schema of the flow. What only the code knows is checked when the run starts. (Zod calls what it
 * coerces to a number a number: here a text is refused for it.)
 *
 * @throws SluiceError PARAMS_INVALID, PARAMS_UNKNOWN.
 */
export function checkParams({ kind, name, job, definition }: Launched, params: unknown): string | null {
  if (kind === 'task') {
    if (params === undefined || Array.isArray(params)) return params === undefined ? null : encode(params)
    throw new SluiceError('PARAMS_INVALID', `The params of task "${name}" are the list of its arguments.`)
  }
  const defaults = job?.params === undefined ? {} : (decode(job.params) as object)
  if (params !== undefined && (typeof params !== 'object' || params === null || Array.isArray(params)))
    throw new SluiceError(
      'PARAMS_INVALID',
      `The params of flow "${name}" are an object, not ${JSON.stringify(params)}.`,
    )
  const given = { ...defaults, ...params }
  const unknown = Object.keys(given).filter((key) => !takes(definition, key))
  if (unknown.length > 0 && !definition!.takesParams) throw takesNone(name, unknown)
  if (unknown.length > 0)
    throw new SluiceError('PARAMS_UNKNOWN', `Flow "${name}" takes no param called ${unknown.join(', ')}.`)
  const issues = definition?.paramsSchema === undefined ? [] : issuesOf(definition.paramsSchema, given)
  if (issues.length > 0) {
    const list = issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ')
    throw new SluiceError('PARAMS_INVALID', `The params of flow "${name}" do not fit: ${list}.`, { data: { issues } })
  }
  return params === undefined && Object.keys(given).length === 0 ? null : encode(given)
}

function takes(definition: Launched['definition'], key: string): boolean {
  if (!definition) return true
  if (!definition.takesParams) return false
  const { properties, additionalProperties = false } = (definition.paramsSchema ?? {}) as {
    readonly properties?: Json
    readonly additionalProperties?: Json
  }
  return properties === undefined || additionalProperties !== false || Object.hasOwn(properties as object, key)
}

function issuesOf(schema: Json, value: unknown): { path: string; message: string }[] {
  let known: z.ZodType
  try {
    known = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0])
  } catch {
    return [] // a word of JSON Schema that is not known here
  }
  const { error } = known.safeParse(value)
  return (error?.issues ?? []).map(({ path, message }) => ({ path: path.join('.'), message }))
}
