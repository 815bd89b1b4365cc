import type { CatchUp, Json, ScheduleSnapshot, Timetable } from '@sluice/core'
import { fullTime } from '../elements/time-text.ts'
import { paramsText } from '../flows/params.ts'
import type { client } from '../frame/client.ts'
import { tagTexts } from '../runs/words.ts'

type Body = Parameters<typeof client.schedules.put>[0]['body']

/** A schedule as it is filled in. */
export interface Draft {
  readonly name: string
  readonly description: string
  readonly target: string
  readonly timing: 'cron' | 'every' | 'rrule'
  /** Of several cron expressions each stands between `|`. */
  readonly when: string
  /** Of an interval: a local time or an instant that is a tick; empty for midnight. */
  readonly anchor: string
  readonly timeZone: string
  /** JSON; empty for none. */
  readonly params: string
  readonly catchUp: 'latest' | 'none' | 'all' | 'newest'
  /** How many of the newest. */
  readonly newest: string
  /** Empty for none. */
  readonly jitter: string
  /** `team=data`, one a line. */
  readonly tags: string
  readonly paused: boolean
}

export const newDraft = (timeZone: string): Draft => ({
  name: '',
  description: '',
  target: '',
  timing: 'cron',
  when: '',
  anchor: '',
  timeZone,
  params: '',
  catchUp: 'latest',
  newest: '10',
  jitter: '',
  tags: '',
  paused: false,
})

/** The ways to say when. */
export const timings: Readonly<
  Record<Draft['timing'], { readonly word: string; readonly example: string; readonly says: string }>
> = {
  cron: {
    word: 'cron',
    example: '0 2 * * *',
    says: 'Minute, hour, day of the month, month, day of the week. Several: between |.',
  },
  every: { word: 'interval', example: '15m', says: 'A number and a unit: 30s, 15m, 6h, 1d.' },
  rrule: {
    word: 'calendar rule',
    example: 'FREQ=MONTHLY;BYDAY=-1FR;BYHOUR=9',
    says: 'As calendars write it (RFC 5545).',
  },
}

/** A schedule that was made at run time, as it would be filled in to make the same. */
export function draftOf(name: string, spec: Omit<ScheduleSnapshot, 'name' | 'place'>): Draft {
  const { timetable, target, params, catchUp, jitter, paused, tags, description = '' } = spec
  return {
    ...newDraft(timetable.timeZone),
    name,
    description,
    target,
    ...whenOf(timetable),
    params: params === null ? '' : paramsText(params),
    ...catchUpOf(catchUp),
    jitter: jitter === 0 ? '' : durationWord(jitter),
    tags: tagTexts(tags).join('\n'),
    paused,
  }
}

function whenOf(timetable: Timetable): Pick<Draft, 'timing' | 'when' | 'anchor'> {
  const { kind: timing, timeZone } = timetable
  if (timing === 'cron') return { timing, when: timetable.cron.join(' | '), anchor: '' }
  if (timing === 'rrule') return { timing, when: timetable.rrule, anchor: '' }
  const { every, anchor } = timetable
  const isUsual = fullTime(anchor, timeZone).startsWith('1970-01-01 00:00:00')
  return {
    timing,
    when: durationWord(every),
    anchor: isUsual ? '' : new Date(anchor).toISOString().replace(':00.000Z', 'Z'),
  }
}

const catchUpOf = (catchUp: CatchUp): Partial<Draft> =>
  typeof catchUp === 'object' ? { catchUp: 'newest', newest: String(catchUp.all) } : { catchUp }

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const

/** `90m`: in the largest unit that it is a whole number of. */
function durationWord(ms: number): string {
  const [unit, size] = units.find(([, each]) => ms % each === 0) ?? ['ms', 1]
  return `${ms / size}${unit}`
}

/** What is asked of the server; `problem`: what is wrong with it that can be said here, or empty. */
export function timedOf(draft: Draft): { body: Body; problem: string } {
  const { description, jitter, paused } = draft
  const body: Body = {
    ...timingOf(draft),
    target: draft.target.trim(),
    timeZone: draft.timeZone.trim(),
    catchUp: draft.catchUp === 'newest' ? { all: Number(draft.newest) } : draft.catchUp,
    ...(jitter.trim() !== '' && { jitter: jitter.trim() as NonNullable<Body['jitter']> }),
    tags: tagsOf(draft.tags),
    ...(description.trim() !== '' && { description: description.trim() }),
    paused,
  }
  if (draft.params.trim() === '') return { body, problem: '' }
  try {
    return { body: { ...body, params: JSON.parse(draft.params) as Json }, problem: '' }
  } catch {
    return { body, problem: 'The params are no JSON.' }
  }
}

function timingOf({ timing, when, anchor }: Draft): Pick<Body, 'cron' | 'every' | 'anchor' | 'rrule'> {
  const text = when.trim()
  if (timing === 'rrule') return { rrule: text }
  if (timing === 'every')
    return { every: text as NonNullable<Body['every']>, ...(anchor.trim() !== '' && { anchor: anchor.trim() }) }
  const several = text
    .split('|')
    .map((one) => one.trim())
    .filter((one) => one !== '')
  return { cron: several.length > 1 ? several : text }
}

const tagsOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '')
      .map((line) => {
        const [tag = '', ...value] = line.split('=')
        return [tag.trim(), value.join('=').trim()]
      }),
  )
