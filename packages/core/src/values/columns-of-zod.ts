import { json, nothing, nullable, oneOfShapes, type Shape, shape, shapeOfValues } from './column-shape.ts'

/** What is read of a schema of Zod 4 (and of zod/mini): its definition, as plain data. */
interface Zod {
  readonly _zod?: { readonly def: Definition; readonly values?: ReadonlySet<unknown> }
}

interface Definition {
  readonly type: string
  readonly format?: string
  readonly checks?: readonly { readonly _zod?: { readonly def: { readonly format?: string } } }[]
  readonly shape?: Readonly<Record<string, Zod>>
  readonly innerType?: Zod
  readonly in?: Zod
  readonly out?: Zod
  readonly options?: readonly Zod[]
  readonly values?: readonly unknown[]
  readonly entries?: Readonly<Record<string, unknown>>
  readonly getter?: () => Zod
}

/** A lazy schema may give itself. */
const DEEPEST = 50

/** `null` where it is no object schema of Zod 4. */
export function zodColumns(schema: unknown): Record<string, Shape> | null {
  let def = (schema as Zod)._zod?.def
  for (let depth = 0; def && !def.shape && depth < DEEPEST; depth += 1) def = insideOf(def)?._zod?.def
  return def?.shape ? Object.fromEntries(Object.entries(def.shape).map(([name, one]) => [name, shapeOf(one, 0)])) : null
}

/** What comes out of a schema that wraps another. */
function insideOf(def: Definition): Zod | undefined {
  if (def.type === 'pipe') return def.out?._zod?.def.type === 'transform' ? undefined : def.out
  return def.type === 'lazy' ? def.getter?.() : def.type === 'readonly' ? def.innerType : undefined
}

function shapeOf(schema: Zod, depth: number): Shape {
  const def = schema._zod?.def
  if (!def || depth > DEEPEST) return json
  const inner = () => (def.innerType ? shapeOf(def.innerType, depth + 1) : json)
  switch (def.type) {
    case 'string':
    case 'template_literal':
      return shape('string')
    case 'number':
    case 'int':
      return shape(isInteger(def) ? 'integer' : 'number')
    case 'bigint':
      return shape('bigint')
    case 'boolean':
      return shape('boolean')
    case 'date':
      return shape('date')
    case 'null':
    case 'undefined':
    case 'void':
      return nothing
    case 'literal':
      return shapeOfValues(def.values ?? [])
    case 'enum':
      return shapeOfValues(schema._zod?.values ?? Object.values(def.entries ?? {}))
    case 'union':
      return oneOfShapes((def.options ?? []).map((one) => shapeOf(one, depth + 1)))
    case 'optional':
    case 'nullable':
      return nullable(inner())
    case 'nonoptional':
    case 'default':
    case 'prefault':
      return def.innerType ? shapeOf(withoutOptional(def.innerType), depth + 1) : json
    case 'catch':
    case 'readonly':
      return inner()
    case 'pipe':
    case 'lazy': {
      const inside = insideOf(def)
      return inside ? shapeOf(inside, depth + 1) : json
    }
    default:
      return json
  }
}

/** `undefined` is filled in or refused; null stays. */
function withoutOptional(schema: Zod): Zod {
  const def = schema._zod?.def
  return def?.type === 'optional' && def.innerType ? def.innerType : schema
}

function isInteger(def: Definition): boolean {
  return [def.format, ...(def.checks ?? []).map((check) => check._zod?.def.format)].some(
    (format) => format !== undefined && /int/.test(format),
  )
}
