import { json, nothing, nullable, oneOfShapes, type Shape, shape, shapeOfValues } from './column-shape.ts'

/** A type of ArkType tells what it is as plain data; `out` is the type after its morphs. */
interface Ark {
  readonly out?: Ark
  readonly json?: ArkJson
}

type ArkJson =
  | string
  | readonly ArkJson[]
  | {
      readonly domain?: string | { readonly domain: string }
      readonly proto?: string | { readonly proto: string }
      readonly divisor?: number | { readonly rule: number }
      readonly unit?: unknown
      readonly required?: readonly Property[]
      readonly optional?: readonly Property[]
    }

interface Property {
  readonly key: string
  readonly value: ArkJson
}

/** `null` where it is no object type. The order is ArkType's, which sorts properties by name. */
export function arktypeColumns(schema: unknown): Record<string, Shape> | null {
  const data = (schema as Ark).out?.json
  if (typeof data !== 'object' || !('required' in data || 'optional' in data)) return null
  const columns = [
    ...(data.required ?? []).map(({ key, value }) => [key, shapeOf(value)] as const),
    ...(data.optional ?? []).map(({ key, value }) => [key, nullable(shapeOf(value))] as const),
  ]
  return Object.fromEntries(columns)
}

const byName: Readonly<Record<string, Shape>> = {
  string: shape('string'),
  number: shape('number'),
  bigint: shape('bigint'),
  boolean: shape('boolean'),
  Date: shape('date'),
  null: nothing,
  undefined: nothing,
}

function shapeOf(data: ArkJson): Shape {
  if (typeof data === 'string') return byName[data] ?? json
  if (isList(data)) return oneOfShapes(data.map(shapeOf))
  if ('unit' in data) return data.unit === 'undefined' ? nothing : shapeOfValues([data.unit])
  const domain = typeof data.domain === 'object' ? data.domain.domain : data.domain
  const proto = typeof data.proto === 'object' ? data.proto.proto : data.proto
  if (domain === 'number' && data.divisor !== undefined) {
    return shape(
      Number.isInteger(typeof data.divisor === 'object' ? data.divisor.rule : data.divisor) ? 'integer' : 'number',
    )
  }
  return byName[domain ?? proto ?? ''] ?? json
}

const isList = (data: ArkJson): data is readonly ArkJson[] => Array.isArray(data)
