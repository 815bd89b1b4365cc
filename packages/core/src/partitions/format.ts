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
const two = (value: number): string => (value < 10 ? `0${value}` : String(value))
const four = (value: number): string => (value < 1000 ? String(value).padStart(4, '0') : String(value))

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
      let text = ''
      for (const one of write) text += typeof one === 'string' ? one : one.write(date, offset)
      return text
    },
    read(text) {
      const found = shape.exec(text)
      return found ? timeOf(fields, found) : null
    },
  }
}

/** Keys are read by the hundred thousand: nothing is made that is not needed. Of a field that is there twice, the last counts. */
function timeOf(fields: readonly string[], found: readonly string[]): { local: number; offset: number | null } | null {
  let [year, month, day, hour, minute, second] = [1900, 1, 1, 0, 0, 0]
  let offset: number | null = null
  for (let n = 0; n < fields.length; n += 1) {
    const text = found[n + 1]!
    const number = Number(text)
    if (fields[n] === 'Y') year = number
    else if (fields[n] === 'y') year = number + (number < 69 ? 2000 : 1900)
    else if (fields[n] === 'm') month = number
    else if (fields[n] === 'd') day = number
    else if (fields[n] === 'H') hour = number
    else if (fields[n] === 'M') minute = number
    else if (fields[n] === 'S') second = number
    else if (fields[n] === 'z') offset = offsetOf(text)
    else month = months.findIndex((one) => one.startsWith(text)) + 1
  }
  const date = new Date(Date.UTC(2000, month - 1, day, hour, minute, second))
  date.setUTCFullYear(year, month - 1, day)
  const isDate = date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  if (!isDate || hour > 23 || minute > 59 || second > 59) return null
  return { local: date.getTime(), offset }
}

function offsetOf(text: string): number {
  if (text === 'Z') return 0
  const digits = text.replaceAll(/\D/g, '')
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2))
  return (text.startsWith('-') ? -minutes : minutes) * MINUTE
}
