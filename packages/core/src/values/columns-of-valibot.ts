import { json, nothing, nullable, oneOfShapes, required, type Shape, shape, shapeOfValues } from './column-shape.ts'

/** What is read of a schema of Valibot, or of a step in a pipe. */
interface Valibot {
  readonly kind: 'schema' | 'validation' | 'transformation' | 'metadata'
  readonly type: string
  readonly entries?: Readonly<Record<string, Valibot>>
  readonly pipe?: readonly Valibot[]
  readonly wrapped?: Valibot
  readonly default?: unknown
  readonly options?: readonly unknown[]
  readonly literal?: unknown
  readonly getter?: (input: unknown) => Valibot
}

/** `null` where it is no object schema. */
export function valibotColumns(schema: unknown): Record<string, Shape> | null {
  const { pipe, ...whole } = schema as Valibot
  const objects = (pipe ?? [whole]).filter((step) => step.kind === 'schema')
  const changed = pipe?.some((step) => step.kind === 'transformation' && !keepsType.has(step.type))
  const entries = changed ? undefined : objects.at(-1)?.entries
  return entries ? Object.fromEntries(Object.entries(entries).map(([name, one]) => [name, shapeOf(one, 0)])) : null
}

const keepsType = new Set([
  'trim',
  'trim_start',
  'trim_end',
  'to_lower_case',
  'to_upper_case',
  'normalize',
  'to_min_value',
  'to_max_value',
  'brand',
  'flavor',
  'readonly',
])
const becomes: Readonly<Record<string, Shape>> = {
  to_number: shape('number'),
  to_string: shape('string'),
  to_boolean: shape('boolean'),
  to_bigint: shape('bigint'),
  to_date: shape('date'),
}

function shapeOf(schema: Valibot, depth: number): Shape {
  if (depth > 50) return json
  if (schema.pipe)
    return schema.pipe.reduce((before: Shape, step, index) => afterStep(before, step, index, depth), json)
  const inner = () => (schema.wrapped ? shapeOf(schema.wrapped, depth + 1) : json)
  switch (schema.type) {
    case 'string':
    case 'number':
    case 'bigint':
    case 'boolean':
    case 'date':
      return shape(schema.type)
    case 'null':
    case 'undefined':
    case 'void':
      return nothing
    case 'literal':
      return shapeOfValues([schema.literal])
    case 'picklist':
    case 'enum':
      return shapeOfValues(schema.options ?? [])
    case 'union':
      return oneOfShapes((schema.options ?? []).map((one) => shapeOf(one as Valibot, depth + 1)))
    case 'optional':
    case 'nullable':
    case 'nullish':
    case 'undefinedable':
    case 'exact_optional':
      return withDefault(schema, inner())
    // Of null and undefined, these refuse one.
    case 'non_optional':
    case 'non_nullable':
      return schema.wrapped?.type === 'nullish' ? inner() : required(inner())
    case 'non_nullish':
      return required(inner())
    case 'lazy':
      return schema.getter ? shapeOf(schema.getter(undefined), depth + 1) : json
    default:
      return json
  }
}

/** A default that is a function may give anything, also nothing. */
function withDefault(schema: Valibot, inner: Shape): Shape {
  const filled = schema.default !== undefined && schema.default !== null && typeof schema.default !== 'function'
  return filled ? inner : nullable(inner)
}

function afterStep(before: Shape, step: Valibot, index: number, depth: number): Shape {
  if (step.kind === 'schema') {
    // The first step is the schema itself, which has the pipe.
    return shapeOf(index === 0 ? ({ ...step, pipe: undefined } as unknown as Valibot) : step, depth + 1)
  }
  if (step.kind === 'transformation') return keepsType.has(step.type) ? before : (becomes[step.type] ?? json)
  const whole = step.type === 'integer' || step.type === 'safe_integer'
  return whole && before.type === 'number' ? { ...before, type: 'integer' } : before
}
