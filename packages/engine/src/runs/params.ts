import { type FlowDefinition, type Schema, SluiceError, columnsOf, validate } from '@sluice/core'

/** The params as the flow's code gets them. Unknown ones and wrong ones are named together. */
export async function parseParams(definition: FlowDefinition, params: unknown): Promise<unknown> {
  const { params: schema } = definition.options
  if (!schema) {
    const names = Object.keys(params ?? {})
    if (names.length === 0) return params
    throw takesNone(definition.name, names)
  }
  const result = await validate(schema, params ?? {})
  if ('issues' in result) {
    const list = result.issues.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; ')
    throw new SluiceError('PARAMS_INVALID', `The params of flow "${definition.name}" do not fit: ${list}.`, {
      hint: 'Give params with --param name=value or --params \'{"name": "value"}\'.',
      data: { issues: result.issues },
    })
  }
  const known = namesOf(schema, result.value)
  const extra = known ? Object.keys(params ?? {}).filter((name) => !known.includes(name)) : []
  if (extra.length > 0) {
    throw new SluiceError('PARAMS_UNKNOWN', `Flow "${definition.name}" takes no param called ${extra.join(', ')}.`, {
      hint: `It takes: ${known!.join(', ')}.`,
      data: { unknown: extra, known: [...known!] },
    })
  }
  return result.value
}

/** A flow without a schema got params. */
export function takesNone(flow: string, names: readonly string[]): SluiceError {
  return new SluiceError('PARAMS_UNKNOWN', `Flow "${flow}" takes no params, and got ${names.join(', ')}.`, {
    hint: `Leave them out, or declare them: flow('${flow}', { params: z.object({ … }) }, …).`,
  })
}

/** What a parsed value kept is what its schema knows. ArkType keeps all, so it is asked. */
function namesOf(schema: Schema, parsed: unknown): readonly string[] | undefined {
  if (typeof parsed !== 'object' || parsed === null) return undefined
  if (schema['~standard'].vendor !== 'arktype') return Object.keys(parsed)
  try {
    return columnsOf(schema).map(({ name }) => name)
  } catch {
    return Object.keys(parsed) // no plain object: an index signature, a union
  }
}
