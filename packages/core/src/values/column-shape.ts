import type { ColumnType } from './columns.ts'

/** What is known of one property. */
export interface Shape {
  readonly type: ColumnType
  readonly nullable: boolean
  /** Has it no value besides null and undefined? */
  readonly empty?: true
}

export const shape = (type: ColumnType, nullable = false): Shape => ({ type, nullable })
export const json = shape('json')
/** Null, undefined. */
export const nothing: Shape = { type: 'json', nullable: true, empty: true }
export const nullable = (inner: Shape): Shape => ({ ...inner, nullable: true })
export const required = (inner: Shape): Shape => ({ type: inner.type, nullable: false })

/** One of several: their common type, `number` for numbers of both kinds, otherwise `json`. */
export function oneOfShapes(shapes: readonly Shape[]): Shape {
  const types = new Set(shapes.filter((one) => !one.empty).map((one) => one.type))
  const isNullable = shapes.some((one) => one.nullable)
  if (types.size === 0) return nothing
  if (types.size === 1) return shape([...types][0]!, isNullable)
  const numeric = types.size === 2 && types.has('number') && types.has('integer')
  return shape(numeric ? 'number' : 'json', isNullable)
}

/** Of literals and members of an enum. */
export function shapeOfValues(values: Iterable<unknown>): Shape {
  return oneOfShapes([...values].map(shapeOfValue))
}

function shapeOfValue(value: unknown): Shape {
  if (value === null || value === undefined) return nothing
  if (typeof value === 'number') return shape(Number.isInteger(value) ? 'integer' : 'number')
  if (typeof value === 'string' || typeof value === 'bigint' || typeof value === 'boolean')
    return shape(typeof value as 'string')
  return value instanceof Date ? shape('date') : json
}
