import { SluiceError } from '../errors/sluice-error.ts'
import { readerOf, TAG } from './codec-kinds.ts'
import { isEscaped } from './encode.ts'

/**
 * The value that `encode` wrote.
 *
 * @throws SluiceError VALUE_CORRUPT where the text is no encoding.
 */
export function decode(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    // Every tag and every escaped key starts like this; most values have none and are done.
    return text.includes('"$') ? revive(value) : value
  } catch (cause) {
    throw new SluiceError('VALUE_CORRUPT', `A stored value cannot be read back: ${(cause as Error).message}.`, {
      cause,
      hint: 'The text was changed after it was written, or a newer Sluice wrote it.',
    })
  }
}

/** Changes records and arrays in place: nobody else has seen them yet. */
function revive(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) {
      const item: unknown = value[index]
      if (typeof item === 'object' && item !== null) value[index] = revive(item)
    }
    return value
  }
  return reviveRecord(value as Record<string, unknown>)
}

function reviveRecord(record: Record<string, unknown>): unknown {
  let escaped = false
  for (const key in record) {
    const item = record[key]
    if (typeof item === 'object' && item !== null) record[key] = revive(item)
    if (key.charCodeAt(0) !== 36) continue
    if (key === TAG) return readTagged(record)
    if (isEscaped(key)) escaped = true
  }
  if (!escaped) return record
  return Object.fromEntries(Object.entries(record).map(([key, item]) => [isEscaped(key) ? key.slice(1) : key, item]))
}

function readTagged(record: Record<string, unknown>): unknown {
  const read = readerOf(record[TAG])
  if (!read) throw new Error(`the tag ${JSON.stringify(record[TAG])} is unknown`)
  return read(revive(record['v']) as never)
}
