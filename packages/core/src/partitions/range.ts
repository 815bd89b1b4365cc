import { SluiceError } from '../errors/sluice-error.ts'
import type { Keys } from './keys.ts'
import { isTime, keysOf, type KeysAt, type PartitionsSpec, windowOf } from './set.ts'

/**
 * Keys as people write them: `2026-01-01`, `2026-01-01..2026-01-31` (both included, in the order of the set), and any
 * of these with commas between. In the order of the set, each once.
 *
 * @param whose such as `Asset "sales"`.
 * @throws SluiceError PARTITION_UNKNOWN for a key that does not exist; the message says which do.
 */
export function parseRange(spec: PartitionsSpec, text: string, at: KeysAt, whose = 'This asset'): string[] {
  const keys = keysOf(spec, at)
  if (keys.has(text)) return [keys.at(keys.indexOf(text))!]
  const find = (part: string): number => {
    const index = keys.indexOf(part.trim())
    if (index === -1) throw unknown(spec, keys, part.trim(), whose)
    return index
  }
  const chosen = new Set<number>()
  for (const part of text.split(',')) {
    const [from, to, ...more] = part.split('..')
    if (more.length > 0) throw unknown(spec, keys, part.trim(), whose)
    const [low, high] = [find(from!), find(to ?? from!)]
    if (low > high) {
      throw new SluiceError('PARTITION_UNKNOWN', `The range ${part.trim()} runs backwards.`, {
        hint: `Write ${to!.trim()}..${from!.trim()}.`,
      })
    }
    for (let index = low; index <= high; index += 1) chosen.add(index)
  }
  return [...chosen].toSorted((a, b) => a - b).map((index) => keys.at(index)!)
}

/** One key that must exist; the way it is stored. */
export function requireKey(spec: PartitionsSpec, key: string, at: KeysAt, whose = 'This asset'): string {
  const keys = keysOf(spec, at)
  const index = keys.indexOf(key)
  if (index === -1) throw unknown(spec, keys, key, whose)
  return keys.at(index)!
}

function unknown(spec: PartitionsSpec, keys: Keys, key: string, whose: string): SluiceError {
  return new SluiceError('PARTITION_UNKNOWN', `${whose} has no partition "${key}". ${existing(spec, keys)}`, {
    hint: hintFor(spec, keys, key),
    data: { key, first: keys.first, last: keys.last, count: keys.count },
  })
}

function existing(spec: PartitionsSpec, keys: Keys): string {
  if (keys.count === 0) return 'It has none yet.'
  if (isTime(spec)) return `Its keys run from ${keys.first} to ${keys.last}.`
  const shown = keys.slice(0, 8).join(', ')
  return keys.count > 8 ? `It has ${keys.count}: ${shown}, …` : `It has: ${shown}.`
}

function hintFor(spec: PartitionsSpec, keys: Keys, key: string): string {
  if (spec.kind === 'dynamic') return `Add it: dynamic('${spec.name}').add(['${key}']).`
  if (!isTime(spec)) return 'Choose one of these keys.'
  const window = windowIfKey(spec, key)
  if (!window) return `A key looks like ${keys.first ?? spec.start}, a range like A..B, several like A,B.`
  if (keys.last !== null && key < keys.last) return `The partitions start at ${spec.start}.`
  const ends = window.end
    .toZonedDateTimeISO(spec.timeZone)
    .toPlainDateTime()
    .toString({ smallestUnit: 'minute' })
    .replace('T', ' ')
  return spec.end === undefined || key < spec.end
    ? `A slice exists once it has ended: this one does at ${ends} (${spec.timeZone}).`
    : `The partitions end before ${spec.end}.`
}

function windowIfKey(spec: PartitionsSpec, key: string): ReturnType<typeof windowOf> {
  try {
    return windowOf(spec, key)
  } catch {
    return null
  }
}
