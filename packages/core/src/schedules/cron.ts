import { SluiceError } from '../errors/sluice-error.ts'
import { type Field, fields, macros } from './cron-fields.ts'
import { hash } from './jitter.ts'

/** A cron expression, read. Sets are ascending; `null` is any. */
export interface Cron {
  readonly text: string
  readonly minutes: readonly number[]
  readonly hours: readonly number[]
  /** `l` is the last day of the month. Where both kinds of days are given, either is enough. */
  readonly days: { readonly set: ReadonlySet<number>; readonly last: boolean } | null
  readonly months: ReadonlySet<number>
  readonly weekdays: ReadonlySet<number> | null
  /** `1#2` is the second Monday, `L5` the last Friday (`'l'`): by weekday. Instead of `weekdays`. */
  readonly nth: ReadonlyMap<number, ReadonlySet<number | 'l'>> | null
  /** Does it name every hour? Then daylight saving skips and repeats it; otherwise it moves it. */
  readonly everyHour: boolean
  readonly warnings: readonly string[]
}

/**
 * Reads a cron expression: five fields, or a macro such as `@daily`. Syntax and meaning are those of croniter, which
 * Dagster and Prefect use: names, `?`, `L`, `L5`, `1#2`, steps, ranges that wrap (`22-2`), and `R`, which here stands for
 * a number that is always the same for the same expression.
 *
 * @throws SluiceError CRON_INVALID, naming the field and the mistake.
 */
export function parseCron(text: string): Cron {
  const trimmed = text.trim().toLowerCase()
  const parts = (macros[trimmed] ?? trimmed).split(/\s+/)
  if (parts.length !== 5 || trimmed.startsWith('@') !== trimmed in macros) throw wrongShape(text, trimmed, parts.length)
  const warnings: string[] = []
  const read = parts.map((part, index) => readField({ text, part, field: fields[index]!, index, warnings }))
  const [minutes, hours, days, months, weekdays] = read as [Values, Values, Values, Values, Values]
  const full = ({ set }: Values, { min, max }: Field) => set.size === max - min + 1
  // `1-31` is any day beside `*`, but not beside `1`, where either of the two is enough.
  const anyDay = days.star || (full(days, fields[2]) && parts[4]!.includes('*'))
  const anyWeekday = weekdays.star || (weekdays.nth.size === 0 && full(weekdays, fields[4]) && parts[2]!.includes('*'))
  const plain = [...weekdays.set].filter((day) => !weekdays.nth.has(day))
  if (weekdays.nth.size > 0 && plain.length > 0 && !full(weekdays, fields[4])) {
    throw mistake(text, fields[4], parts[4]!, 'either plain weekdays or numbered ones, such as 1#2 and L5, not both')
  }
  return {
    text,
    minutes: listOf(minutes, fields[0]),
    hours: listOf(hours, fields[1]),
    days: anyDay ? null : { set: days.set, last: days.last },
    months: new Set(listOf(months, fields[3])),
    weekdays: anyWeekday || weekdays.nth.size > 0 ? null : weekdays.set,
    nth: weekdays.nth.size > 0 ? weekdays.nth : null,
    everyHour: hours.star || hours.set.size === 24,
    warnings,
  }
}

interface Values {
  readonly star: boolean
  readonly set: ReadonlySet<number>
  readonly last: boolean
  readonly nth: Map<number, Set<number | 'l'>>
}

interface Reading {
  readonly text: string
  readonly part: string
  readonly field: Field
  readonly index: number
  readonly warnings: string[]
}

const listOf = ({ star, set }: Values, { min, max }: Field): number[] =>
  star ? Array.from({ length: max - min + 1 }, (_, n) => n + min) : [...set].toSorted((a, b) => a - b)

function readField(reading: Reading): Values {
  const { text, part, field } = reading
  const set = new Set<number>()
  const nth: Values['nth'] = new Map()
  let [star, last] = [false, false]
  if (part.includes('?') && (part !== '?' || !field.name.startsWith('day'))) {
    throw mistake(text, field, part, '? stands alone, and only for a day')
  }
  for (const item of part === '?' ? ['*'] : part.split(',')) {
    const numbered = field.name === 'day of week' ? /^(?:([a-z]{3}-[a-z]{3}|\w+)#|(l))(\d+)$/.exec(item) : null
    if (item === '*') star = true
    else if (item === 'l' && field.name === 'day of month') last = true
    else if (numbered) {
      const which = numbered[2] ? 'l' : Number(numbered[3])
      if (which !== 'l' && (which < 1 || which > 5)) {
        throw mistake(
          text,
          field,
          item,
          `a month has no ${which}th of a weekday: write 1 to 5, or L5 for the last Friday`,
        )
      }
      for (const day of readItem(reading, numbered[2] ? numbered[3]! : numbered[1]!)) {
        set.add(day)
        nth.set(day, (nth.get(day) ?? new Set()).add(which))
      }
    } else for (const value of readItem(reading, item)) set.add(value)
  }
  return { star, set, last, nth }
}

/** One item between commas: a value, a range, either with a step, or a number that is drawn. */
function readItem(reading: Reading, item: string): readonly number[] {
  const { text, field, warnings } = reading
  const drawn = /^r(?:\((\d+)-(\d+)\))?(?:\/(\d+))?$/.exec(item)
  if (drawn) return readDrawn(reading, item, drawn)
  const match = /^([^-/]+)(?:-([^-/]+))?(?:\/(\d+))?$/.exec(item)
  if (!match?.[1]) throw mistake(text, field, item, whatIsWrong(item))
  const [, from, to, by] = match
  const any = from === '*' && to === undefined
  const step = by === undefined ? 1 : Number(by)
  if (step === 0) throw mistake(text, field, item, 'a step is at least 1')
  const low = any ? field.min : valueOf(reading, item, from)
  if (to === undefined && by === undefined) return [inside(reading, item, low)]
  // A range to the last day ends at the 31st: what a month does not have, it does not come to.
  const written = to === 'l' && field.name === 'day of month' ? 31 : to && valueOf(reading, item, to)
  const high = to === undefined ? field.max : Number(written)
  for (const end of [low, high]) inside(reading, item, end)
  const bound = low > high ? field.max : field.name === 'day of week' && any ? 7 : high
  if (step > bound)
    warnings.push(`${field.name} "${item}": the step ${step} is larger than ${bound}, so only ${low} is left.`)
  if (low === high && to !== undefined) {
    if (to === from)
      warnings.push(`${field.name} "${item}": a range back to where it began is the whole ${field.name}.`)
    return stepped(field.min, field.max, step)
  }
  return low > high ? wrapped(low, high, step, field) : stepped(low, high, step)
}

function readDrawn(reading: Reading, item: string, [, from, to, by]: RegExpExecArray): readonly number[] {
  const { text, field, index } = reading
  const [low, high] = [Number(from ?? field.min), Number(to ?? field.max)]
  for (const end of [low, high]) inside(reading, item, end)
  const step = by === undefined ? undefined : Number(by)
  if (low >= high || step === 0) throw mistake(text, field, item, 'what is drawn from needs two ends and a step from 1')
  const span = Math.min(high, low + (step ?? Infinity) - 1) - low + 1
  const first = low + (hash(`${text.trim().toLowerCase()}#${index}`) % span)
  return stepped(first, step === undefined ? first : high, step ?? 1)
}

const stepped = (low: number, high: number, step: number): number[] =>
  Array.from({ length: Math.floor((high - low) / step) + 1 }, (_, n) => low + n * step)

/** `22-2/3`, `fri-mon`: up to the end of the field, and on from its beginning. The step goes on as croniter counts it. */
function wrapped(low: number, high: number, step: number, { min, max }: Field): number[] {
  const first = stepped(low, max, step)
  const at = first.at(-1)!
  const skip = at - min + step > max - min + 1 && max - at < step ? step - (max - at) : 0
  return [...first, ...(min + skip <= high ? stepped(min + skip, high, step) : [])]
}

function valueOf({ text, field }: Reading, item: string, word: string): number {
  const named = word === '' ? -1 : (field.names as readonly string[]).indexOf(word)
  if (named >= 0) return named
  if (!/^\d+$/.test(word)) throw mistake(text, field, item, whatIsWrong(item))
  const value = Number(word)
  return field.name === 'day of week' && value === 7 ? 0 : value
}

function inside({ text, field }: Reading, item: string, value: number): number {
  if (value >= field.min && value <= field.max) return value
  throw mistake(text, field, item, `${value} is outside of ${field.min} to ${field.max}`)
}

function whatIsWrong(item: string): string {
  if (item === '') return 'there is nothing between two commas'
  if (item.startsWith('-')) return 'there are no negative numbers'
  if (/^h\b/.test(item))
    return 'H needs a name to be hashed from, which cron has not; R is a fixed number for an expression'
  if (/^\d+w$|^w\d+$/.test(item)) return 'W, the nearest weekday, is not known'
  return 'it cannot be read'
}

function mistake(text: string, field: Field, item: string, what: string): SluiceError {
  return new SluiceError('CRON_INVALID', `Cron ${JSON.stringify(text)}: ${field.name} "${item}": ${what}.`, {
    hint: `A ${field.name} is * or ${field.min} to ${field.max}${field.names.length > 0 ? `, or a name such as ${field.names.at(-1)}` : ''}; with commas, ranges (1-5) and steps (*/2).`,
    data: { field: field.name, item },
  })
}

function wrongShape(text: string, trimmed: string, count: number): SluiceError {
  const what = trimmed.startsWith('@')
    ? `${trimmed} is not known`
    : `it has ${trimmed === '' ? 0 : count} fields instead of 5`
  return new SluiceError('CRON_INVALID', `Cron ${JSON.stringify(text)}: ${what}.`, {
    hint: `Write minute, hour, day of month, month and day of week, such as "0 2 * * *", or one of ${Object.keys(macros).join(', ')}.`,
  })
}
