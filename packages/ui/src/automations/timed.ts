import type { Json } from '@sluice/core'
import type { client } from '../frame/client.ts'

type Body = Parameters<typeof client.schedules.put>[0]['body']

/** A schedule as it is filled in. */
export interface Draft {
  readonly name: string
  readonly target: string
  readonly timing: 'cron' | 'every' | 'rrule'
  readonly when: string
  readonly timeZone: string
  /** JSON; empty for none. */
  readonly params: string
  readonly catchUp: 'latest' | 'none' | 'all'
  readonly paused: boolean
}

/** The ways to say when. */
export const timings: Readonly<
  Record<Draft['timing'], { readonly word: string; readonly example: string; readonly says: string }>
> = {
  cron: { word: 'cron', example: '0 2 * * *', says: 'Minute, hour, day of the month, month, day of the week.' },
  every: { word: 'interval', example: '15m', says: 'A number and a unit: 30s, 15m, 6h, 1d.' },
  rrule: {
    word: 'calendar rule',
    example: 'FREQ=MONTHLY;BYDAY=-1FR;BYHOUR=9',
    says: 'As calendars write it (RFC 5545).',
  },
}

/** What is asked of the server; `problem`: what is wrong with it that can be said here, or empty. */
export function timedOf({ target, timing, when, timeZone, params, catchUp, paused }: Draft): {
  body: Body
  problem: string
} {
  const own = { [timing]: when.trim() } as Pick<Body, 'cron' | 'every' | 'rrule'>
  const body: Body = { ...own, target: target.trim(), timeZone: timeZone.trim(), catchUp, paused }
  if (params.trim() === '') return { body, problem: '' }
  try {
    return { body: { ...body, params: JSON.parse(params) as Json }, problem: '' }
  } catch {
    return { body, problem: 'The params are no JSON.' }
  }
}
