import { SluiceError } from '../errors/sluice-error.ts'
import { MINUTE } from '../schedules/zone.ts'

/** A pattern of `strftime`, read once: how a time is written as a key, and how a key is read. */
export interface Format {
  readonly pattern: string
  /** Does it show the time of day? */
  readonly hasTime: boolean
  /** Does it show how far the zone is from UTC? Then no key is ambiguous. */
  readonly hasOffset: boolean
  /** @param local milliseconds, as if the local time were UTC. @param offset in milliseconds. */
  write(local: number, offset: number): string
  /** `null` where the text does not fit, or is no date. `offset` is `null` where the text has none. */
  read(text: string): { readonly local: number; readonly offset: number | null } | null
}

const months = 'January February March April May June July August September October November December'.split(' ')
const two = (value: number): string => String(value).padStart(2, '0')
const four = (value: number): string => String(value).padStart(4, '0')

interface Part {
  readonly match: string
  write(date: Date, offset: number): string
}
const monthNames = (length: number | undefined): Part => ({
  match: `(?:${months.map((name) => name.slice(0, length)).join('|')})`,
  write: (date) => months[date.getUTCMonth()]!.slice(0, length),
})

const parts: Readonly<Record<string, Part>> = {
  Y: { match: String.raw`\d{4}`, write: (date) => four(date.getUTCFullYear()) },
  y: { match: String.raw`\d{2}`, write: (date) => two(date.getUTCFullYear() % 100) },
  m: { match: String.raw`\d{2}`, write: (date) => two(date.getUTCMonth() + 1) },
  d: { match: String.raw`\d{2}`, write: (date) => two(date.getUTCDate()) },
  H: { match: String.raw`\d{2}`, write: (date) => two(date.getUTCHours()) },
  M: { match: String.raw`\d{2}`, write: (date) => two(date.getUTCMinutes()) },
  S: { match: String.raw`\d{2}`, write: (date) => two(date.getUTCSeconds()) },
  b: monthNames(3),
  B: monthNames(undefined),
  z: { match: String.raw`(?:[+-]\d{2}:?\d{2}|Z)`, write: (_, offset) => offsetText(offset) },
}

function offsetText(offset: number): string {
  const minutes = Math.abs(Math.round(offset / MINUTE))
  return `${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}${two(minutes % 60)}`
}

const known = new Map<string, Format>()

/**
 * @param pattern such as `%Y-%m-%d`: `%Y %y %m %d %H %M %S %b %B %z %%` stand for what they do in `strftime`.
 * @throws SluiceError DEFINITION_INVALID for any other `%`.
 */
export function formatOf(pattern: string, whose = 'This'): Format {
  const made = known.get(pattern) ?? make(pattern, whose)
  known.set(pattern, made)
  return made
}

function make(pattern: string, whose: string): Format {
  const fields: string[] = []
  const write: (string | Part)[] = []
  let match = ''
  for (const [text, letter] of pattern.matchAll(/%(.?)|[^%]+/gs)) {
    if (letter === undefined || letter === '%') {
      const literal = letter === '%' ? '%' : text
      write.push(literal)
      match += RegExp.escape(literal)
      continue
    }
    const part = parts[letter]
    if (!part) {
      throw new SluiceError(
        'DEFINITION_INVALID',
        `${whose}: the format "${pattern}" has ${text}, which has no meaning.`,
        {
          hint: 'Use %Y %y %m %d %H %M %S %b %B %z, and %% for a percent sign.',
        },
      )
    }
    fields.push(letter)
    write.push(part)
    match += `(${part.match})`
  }
  const shape = new RegExp(`^${match}$`)
  return {
    pattern,
    hasTime: fields.some((one) => 'HMSz'.includes(one)),
    hasOffset: fields.includes('z'),
    write(local, offset) {
      const date = new Date(local)
      return write.map((one) => (typeof one === 'string' ? one : one.write(date, offset))).join('')
    },
    read(text) {
      const found = shape.exec(text)
      return found ? timeOf(new Map(fields.map((field, index) => [field, found[index + 1]!]))) : null
    },
  }
}

function timeOf(values: ReadonlyMap<string, string>): { local: number; offset: number | null } | null {
  const number = (field: string, missing: number): number => Number(values.get(field) ?? missing)
  const name = values.get('B') ?? values.get('b')
  const month = name === undefined ? number('m', 1) : months.findIndex((one) => one.startsWith(name)) + 1
  const short = number('y', 0)
  const year = values.has('y') ? short + (short < 69 ? 2000 : 1900) : number('Y', 1900)
  const [day, hour, minute, second] = [number('d', 1), number('H', 0), number('M', 0), number('S', 0)]
  const date = new Date(Date.UTC(2000, month - 1, day, hour, minute, second))
  date.setUTCFullYear(year, month - 1, day)
  const isDate = date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  if (!isDate || hour > 23 || minute > 59 || second > 59) return null
  return { local: date.getTime(), offset: offsetOf(values.get('z')) }
}

function offsetOf(text: string | undefined): number | null {
  if (text === undefined) return null
  if (text === 'Z') return 0
  const digits = text.replaceAll(/\D/g, '')
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2))
  return (text.startsWith('-') ? -minutes : minutes) * MINUTE
}
