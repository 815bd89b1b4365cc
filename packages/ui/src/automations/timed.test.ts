import { type ScheduleSnapshot, encode } from '@sluice/core'
import { expect, test } from 'vitest'
import { type Draft, draftOf, newDraft, timedOf } from './timed.ts'

const draft: Draft = {
  ...newDraft('Europe/Madrid'),
  name: 'n',
  target: ' sync ',
  timing: 'every',
  when: ' 15m ',
  catchUp: 'none',
  paused: true,
}

test('what is filled in is what the server is asked for', () => {
  const body = { every: '15m', target: 'sync', timeZone: 'Europe/Madrid', catchUp: 'none', tags: {}, paused: true }
  expect(timedOf(draft)).toEqual({ body, problem: '' })
  expect(timedOf({ ...draft, params: '{ "n": 1 }' }).body).toEqual({ ...body, params: { n: 1 } })
  expect(timedOf({ ...draft, params: '{ n' }).problem).toContain('JSON')
  expect(timedOf({ ...draft, tags: 'a = b=c\n\n urgent ', jitter: '5m', description: ' x ' }).body).toEqual({
    ...body,
    tags: { a: 'b=c', urgent: '' },
    jitter: '5m',
    description: 'x',
  })
})

const spec: Omit<ScheduleSnapshot, 'name' | 'place'> = {
  timetable: { kind: 'every', every: 5_400_000, anchor: Date.UTC(2026, 0, 1, 6), timeZone: 'Europe/Madrid' },
  target: 'sync',
  params: encode({ region: 'eu', n: [1, 2] }),
  title: null,
  limits: null,
  asks: false,
  catchUp: { all: 3 },
  jitter: 300_000,
  paused: true,
  tags: { team: 'data', urgent: '' },
  description: 'Each so often.',
}

test('a schedule is filled in as it is: sent again it is the same', () => {
  expect(timedOf(draftOf('n', spec))).toEqual({
    body: {
      every: '90m',
      anchor: '2026-01-01T06:00Z',
      target: 'sync',
      timeZone: 'Europe/Madrid',
      params: { region: 'eu', n: [1, 2] },
      catchUp: { all: 3 },
      jitter: '5m',
      tags: { team: 'data', urgent: '' },
      description: 'Each so often.',
      paused: true,
    },
    problem: '',
  })
  const { body } = timedOf(draftOf('n', { ...spec, params: null, catchUp: 'all', jitter: 0, tags: {}, paused: false }))
  expect(body).toMatchObject({ catchUp: 'all', tags: {}, paused: false })
  expect([body.params, body.jitter]).toEqual([undefined, undefined])
})

test('every way to say when', () => {
  const zone = { timeZone: 'America/New_York' }
  const said = (timetable: ScheduleSnapshot['timetable']) => {
    const { cron, every, anchor, rrule } = timedOf(draftOf('n', { ...spec, timetable })).body
    return cron ?? rrule ?? [every, anchor]
  }
  expect(said({ kind: 'cron', cron: ['0 2 * * *'], ...zone })).toBe('0 2 * * *')
  expect(said({ kind: 'cron', cron: ['0 2 * * *', '@hourly'], ...zone })).toEqual(['0 2 * * *', '@hourly'])
  expect(said({ kind: 'rrule', rrule: 'DTSTART:20260101T090000\nRRULE:FREQ=DAILY', ...zone })).toBe(
    'DTSTART:20260101T090000\nRRULE:FREQ=DAILY',
  )
  // Midnight of 1970 there: as where nothing is said.
  expect(said({ kind: 'every', every: 1500, anchor: Date.UTC(1970, 0, 1, 5), ...zone })).toEqual(['1500ms', undefined])
  expect(said({ kind: 'every', every: 86_400_000, anchor: 0, ...zone })).toEqual(['1d', '1970-01-01T00:00Z'])
})

test('params that JSON has no word for are shown, and not sent as something else', () => {
  const filled = draftOf('n', { ...spec, params: encode({ n: 5n }) })
  expect(filled.params).toContain('5n')
  expect(timedOf(filled).problem).toContain('JSON')
})
