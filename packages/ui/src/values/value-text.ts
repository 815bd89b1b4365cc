import { type StoredValue, decode } from '@sluice/core'

/** A value as people write it: JSON, with what JSON has no word for as the code would say it. */
export function valueText(value: unknown, indent = ''): string {
  const deeper = `${indent}  `
  if (value === undefined) return 'undefined'
  if (typeof value === 'bigint') return `${value}n`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (value instanceof Date) return `Date ${value.toISOString()}`
  if (value instanceof Uint8Array) return `${value.length} bytes`
  if (value instanceof Map) return `Map ${valueText(Object.fromEntries(value), indent)}`
  if (value instanceof Set) return `Set ${valueText([...value], indent)}`
  if (
    !Array.isArray(value) &&
    Object.getPrototypeOf(value) !== Object.prototype &&
    Object.getPrototypeOf(value) !== null
  )
    // Temporal, and what else has words of its own.
    return (value as { toString(): string }).toString()
  const parts = Array.isArray(value)
    ? value.map((one) => valueText(one, deeper))
    : Object.entries(value).map(([name, one]) => `${JSON.stringify(name)}: ${valueText(one, deeper)}`)
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  const line = parts.join(', ')
  if (line.length + indent.length < 72 && !line.includes('\n'))
    return Array.isArray(value) ? `[${line}]` : parts.length ? `{ ${line} }` : '{}'
  return `${open}\n${parts.map((part) => deeper + part).join(',\n')}\n${indent}${close}`
}

/** What was stored, for reading; what cannot be decoded as it is. */
export function encodedText(encoded: string): string {
  try {
    return valueText(decode(encoded))
  } catch {
    return encoded
  }
}

/** `null`: it lies elsewhere, and is not sent with the run. */
export const storedText = (value: StoredValue): string | null => ('inline' in value ? encodedText(value.inline) : null)
