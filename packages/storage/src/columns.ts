import type { StoredValue } from '@sluice/core'

/** The reference of a value that was collected: its row stays, what it held is gone. */
export const collected = ''

export function toJson(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value)
}

export function fromJson<T>(text: string | null): T | null {
  return text === null ? null : (JSON.parse(text) as T)
}

/** The inline column of a stored value. */
export function inlineOf(value: StoredValue | null): string | null {
  return value !== null && 'inline' in value ? value.inline : null
}

/** The reference column of a stored value. Equal values give equal text: rows that share a value are found by it. */
export function refOf(value: StoredValue | null): string | null {
  if (value === null || 'inline' in value) return null
  return JSON.stringify({ io: value.io, ref: value.ref, bytes: value.bytes, rows: value.rows })
}

export function storedValue(inline: string | null, ref: string | null): StoredValue | null {
  if (inline !== null) return { inline }
  return ref === null || ref === collected ? null : (JSON.parse(ref) as StoredValue)
}
