import type { Column } from './columns.ts'

/** What is wrong with a row, in words; `undefined` where it fits. Types only: the schema's finer rules are not asked. */
export function rowProblem(row: unknown, columns: readonly Column[]): string | undefined {
  if (typeof row !== 'object' || row === null || Array.isArray(row))
    return `it is ${row === null ? 'null' : Array.isArray(row) ? 'a list' : `a ${typeof row}`}, not an object`
  for (const { name, type, nullable } of columns) {
    const value = (row as Record<string, unknown>)[name]
    if (value === undefined || value === null) {
      if (!nullable) return `column "${name}" is missing`
    } else if (!fits(value, type)) return `column "${name}" should be ${type}, and is ${describe(value)}`
  }
  return undefined
}

function fits(value: unknown, type: Column['type']): boolean {
  switch (type) {
    case 'json':
      return true
    case 'date':
      return value instanceof Date && !Number.isNaN(value.getTime())
    case 'integer':
      return Number.isInteger(value)
    default:
      return typeof value === type
  }
}

function describe(value: unknown): string {
  if (value instanceof Date) return 'a date'
  if (typeof value === 'string') return `the text ${JSON.stringify(value.slice(0, 40))}`
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
    return `${typeof value} ${value}`
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
