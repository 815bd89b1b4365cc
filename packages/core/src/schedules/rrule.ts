import { SluiceError } from '../errors/sluice-error.ts'
import type { Zone } from './zone.ts'
import { wallOf } from './zone.ts'

export const frequencies = ['YEARLY', 'MONTHLY', 'WEEKLY', 'DAILY', 'HOURLY', 'MINUTELY', 'SECONDLY'] as const
export type Frequency = (typeof frequencies)[number]

/** A recurrence rule of RFC 5545, read. Times are local, in milliseconds since 1970 as if they were UTC. */
export interface Rule {
  readonly frequency: Frequency
  readonly interval: number
  readonly start: number
  readonly count: number | null
  readonly until: number | null
  /** 0 is Monday, as in RFC 5545's own order. */
  readonly weekStart: number
  readonly setPositions: readonly number[]
  readonly months: readonly number[]
  readonly weekNumbers: readonly number[]
  readonly yearDays: readonly number[]
  readonly monthDays: readonly number[]
  /** `nth` 0 is every such day. */
  readonly weekdays: readonly { readonly day: number; readonly nth: number }[]
  readonly hours: readonly number[]
  readonly minutes: readonly number[]
  readonly seconds: readonly number[]
}

/** Rules and single dates together. */
export interface Recurrence {
  readonly rules: readonly Rule[]
  readonly dates: readonly number[]
  readonly except: readonly number[]
}

const weekdays = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']
/** Longer ones are no rule but an attack. */
const longest = 6500
/** Where counting is asked for, every date from the first on is looked at. */
const mostCounted = 100_000

/**
 * Reads a rule of RFC 5545: `FREQ=WEEKLY;BYDAY=MO,WE`, or lines of DTSTART, RRULE, RDATE and EXDATE. Dates are local
 * times of the zone, or UTC where they end in Z. Without DTSTART it starts at 2020-01-01T00:00 there, as in Prefect.
 *
 * @throws SluiceError RRULE_INVALID, naming the part and the mistake.
 */
export function parseRrule(text: string, zone: Zone): Recurrence {
  if (text.length > longest) throw wrong(text.slice(0, 40), `it is longer than ${longest} characters`)
  const lines = text
    .split(/\r?\n|\\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
  let start = Date.UTC(2020, 0, 1)
  const rules: string[] = []
  const dates: number[] = []
  const except: number[] = []
  for (const line of lines) {
    const match = /^(DTSTART|RRULE|RDATE|EXDATE)((?:;[^:]*)?):(.*)$/i.exec(line)
    const [name, options, value] = match ? [match[1]!.toUpperCase(), match[2]!, match[3]!] : ['RRULE', '', line]
    if (/TZID=/i.test(options))
      throw wrong(text, 'TZID is not used here', 'Give the zone beside the rule: timeZone: "Europe/Madrid".')
    const moments = (): number[] => value.split(',').map((one) => readMoment(text, one.trim(), zone))
    if (name === 'DTSTART') start = moments()[0]!
    else if (name === 'RDATE') dates.push(...moments())
    else if (name === 'EXDATE') except.push(...moments())
    else if (/^[A-Z]+=/i.test(value)) rules.push(value)
    else throw wrong(text, `"${line}" cannot be read`)
  }
  if (rules.length === 0 && dates.length === 0) throw wrong(text, 'it has no RRULE and no RDATE')
  return { rules: rules.map((rule) => readRule(text, rule, start, zone)), dates, except }
}

const known = [
  'FREQ',
  'INTERVAL',
  'COUNT',
  'UNTIL',
  'WKST',
  'BYSETPOS',
  'BYMONTH',
  'BYWEEKNO',
  'BYYEARDAY',
  'BYMONTHDAY',
  'BYDAY',
  'BYHOUR',
  'BYMINUTE',
  'BYSECOND',
]

function readRule(text: string, rule: string, start: number, zone: Zone): Rule {
  const parts = new Map<string, string>()
  for (const part of rule.split(';').filter((one) => one !== '')) {
    const [name = '', value = ''] = part.split('=')
    const key = name.toUpperCase() === 'BYWEEKDAY' ? 'BYDAY' : name.toUpperCase()
    if (!known.includes(key)) throw wrong(text, `${name} is no part of a rule`, `There is: ${known.join(', ')}.`)
    if (value === '') throw wrong(text, `${key} has no value`)
    if (parts.has(key)) throw wrong(text, `${key} is there twice`)
    parts.set(key, value.toUpperCase())
  }
  const frequency = frequencies.find((one) => one === parts.get('FREQ'))
  if (!frequency) throw wrong(text, `FREQ is ${parts.get('FREQ') ?? 'missing'}`, `One of ${frequencies.join(', ')}.`)
  const numbers = (name: string, low: number, high: number, signed = false): readonly number[] =>
    (parts.get(name)?.split(',') ?? []).map((one) => readNumber(text, name, one, low, high, signed))
  const [count] = numbers('COUNT', 0, mostCounted)
  const until = parts.get('UNTIL')
  const read: Rule = {
    frequency,
    start,
    interval: numbers('INTERVAL', 1, 1_000_000)[0] ?? 1,
    count: count ?? null,
    until: until === undefined ? null : readMoment(text, until, zone),
    weekStart: parts.has('WKST') ? readWeekday(text, parts.get('WKST')!).day : 0,
    setPositions: numbers('BYSETPOS', 1, 366, true),
    months: numbers('BYMONTH', 1, 12),
    weekNumbers: numbers('BYWEEKNO', 1, 53, true),
    yearDays: numbers('BYYEARDAY', 1, 366, true),
    monthDays: numbers('BYMONTHDAY', 1, 31, true),
    weekdays: (parts.get('BYDAY')?.split(',') ?? []).map((one) => readWeekday(text, one)),
    hours: numbers('BYHOUR', 0, 23),
    minutes: numbers('BYMINUTE', 0, 59),
    seconds: numbers('BYSECOND', 0, 59),
  }
  return withDefaults(read)
}

/** What a rule leaves out it takes from its start, as RFC 5545 says. */
function withDefaults(rule: Rule): Rule {
  const { frequency, weekNumbers, yearDays, monthDays, weekdays: days } = rule
  const start = new Date(rule.start)
  const rank = frequencies.indexOf(frequency)
  const noDay = weekNumbers.length + yearDays.length + monthDays.length + days.length === 0
  const day = start.getUTCDate()
  return {
    ...rule,
    ...(noDay && frequency === 'YEARLY' && rule.months.length === 0 && { months: [start.getUTCMonth() + 1] }),
    ...(noDay && (frequency === 'YEARLY' || frequency === 'MONTHLY') && { monthDays: [day] }),
    ...(noDay && frequency === 'WEEKLY' && { weekdays: [{ day: (start.getUTCDay() + 6) % 7, nth: 0 }] }),
    ...(rule.hours.length === 0 && rank < 4 && { hours: [start.getUTCHours()] }),
    ...(rule.minutes.length === 0 && rank < 5 && { minutes: [start.getUTCMinutes()] }),
    ...(rule.seconds.length === 0 && rank < 6 && { seconds: [start.getUTCSeconds()] }),
  }
}

function readNumber(text: string, name: string, word: string, low: number, high: number, signed: boolean): number {
  const value = /^[+-]?\d+$/.test(word) ? Number(word) : Number.NaN
  const size = signed ? Math.abs(value) : value
  if (size >= low && size <= high) return value
  throw wrong(
    text,
    `${name} is ${word}`,
    `It is a number from ${low} to ${high}${signed ? ', or below 0 to count from the end' : ''}.`,
  )
}

function readWeekday(text: string, word: string): { day: number; nth: number } {
  const match =
    /^([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)$/.exec(word) ?? /^(?:(MO|TU|WE|TH|FR|SA|SU)\(([+-]?\d{1,2})\))$/.exec(word)
  const [name, number] = match
    ? weekdays.includes(match[1] ?? '')
      ? [match[1]!, match[2]]
      : [match[2]!, match[1]]
    : ['', '']
  const nth = number === undefined ? 0 : Number(number)
  if (match && Math.abs(nth) <= 53 && (number === undefined || nth !== 0)) return { day: weekdays.indexOf(name), nth }
  throw wrong(text, `"${word}" is no weekday`, `${weekdays.join(', ')}, or with a number: 2TU is the second Tuesday.`)
}

function readMoment(text: string, word: string, zone: Zone): number {
  const match = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z)?)?$/i.exec(word)
  const [year, month, day, hour, minute, second] = (match ?? []).slice(1, 7).map((one) => Number(one ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const wall = match ? Date.UTC(year, month - 1, day, hour, minute, second) : Number.NaN
  const at = new Date(wall)
  if (match && at.getUTCMonth() === month - 1 && at.getUTCDate() === day && hour < 24 && minute < 60 && second < 60)
    return match[7] === undefined ? wall : wallOf(zone, wall)
  throw wrong(text, `"${word}" is no date`, 'Write 20260131T090000, in the zone of the schedule, or with a Z for UTC.')
}

function wrong(
  text: string,
  what: string,
  hint = 'Rules are those of RFC 5545: FREQ=WEEKLY;BYDAY=MO,WE.',
): SluiceError {
  return new SluiceError('RRULE_INVALID', `Rule ${JSON.stringify(text)}: ${what}.`, { hint })
}
