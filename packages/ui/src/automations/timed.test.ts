import { expect, test } from 'vitest'
import { type Draft, timedOf } from './timed.ts'

const draft: Draft = {
  name: 'n',
  target: ' sync ',
  timing: 'every',
  when: ' 15m ',
  timeZone: 'Europe/Madrid',
  params: '',
  catchUp: 'none',
  paused: true,
}

test('what is filled in is what the server is asked for', () => {
  const body = { every: '15m', target: 'sync', timeZone: 'Europe/Madrid', catchUp: 'none', paused: true }
  expect(timedOf(draft)).toEqual({ body, problem: '' })
  expect(timedOf({ ...draft, params: '{ "n": 1 }' }).body).toEqual({ ...body, params: { n: 1 } })
  expect(timedOf({ ...draft, params: '{ n' }).problem).toContain('JSON')
})
