import { join, relative } from 'node:path'
import { inspect } from 'node:util'
import type { StoredValue } from '@sluice/core'
import { bytesText } from './words.ts'

/** A value for people: JavaScript's own notation. */
export function valueText(value: unknown, width = 100): string {
  if (typeof value === 'string') return value
  return inspect(readable(value), {
    depth: 4,
    breakLength: width,
    maxArrayLength: 20,
    maxStringLength: 2000,
    colors: false,
  })
}

/** Temporal's objects as their text, which `inspect` does not show. */
function readable(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Object.prototype.toString.call(value).startsWith('[object Temporal.'))
    return { [inspect.custom]: () => (value as Temporal.Instant).toString() }
  if (Array.isArray(value)) return value.map(readable)
  const isPlain = [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null)
  return isPlain ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, readable(one)])) : value
}

/** Where a stored value is: a path that can be opened, or the place in its database. */
export function placeText(value: StoredValue, home: string, isFolder = false): string {
  if ('inline' in value) return 'in the store'
  const size = value.bytes === null ? '' : ` (${bytesText(value.bytes)})`
  if (value.io !== 'files') return `${value.io}: ${refText(value.ref)}`
  const path = join(home, 'values', ...refText(value.ref).split('/'))
  const shown = relative(process.cwd(), isFolder ? join(path, '..', '..') : path)
  return isFolder ? shown : `${shown}${size}`
}

function refText(ref: unknown): string {
  if (typeof ref === 'string') return ref
  if (typeof ref !== 'object' || ref === null) return String(ref)
  return Object.values(ref)
    .filter((part) => typeof part === 'string' || typeof part === 'number')
    .join(' ')
}
