import { expect, test } from 'vitest'
import { clockTime, fullTime, minuteTime, relative, shortTime, weekTime, zoneOf, zonesBeside } from './time-text.ts'

const at = Date.UTC(2026, 2, 29, 0, 30, 7, 42)
const madrid = 'Europe/Madrid'

test('a time has its zone, on either side of a change of clocks', () => {
  expect(fullTime(at, madrid)).toBe('2026-03-29 01:30:07 CET')
  expect(fullTime(at + 3_600_000, madrid)).toBe('2026-03-29 03:30:07 CEST')
  expect([fullTime(at, 'UTC'), minuteTime(at, 'UTC')]).toEqual(['2026-03-29 00:30:07 UTC', '2026-03-29 00:30 UTC'])
  expect([clockTime(at, 'UTC'), weekTime(at, madrid)]).toEqual(['00:30:07.042', 'Sun 01:30'])
})

test('is as short as tells it from others', () => {
  expect(shortTime(at, at, madrid)).toBe('01:30:07 CET')
  // The same day in UTC is another one in Madrid.
  expect(shortTime(at, Date.UTC(2026, 2, 28, 12), madrid)).toBe('03-29 01:30 CET')
  expect(shortTime(at, Date.UTC(2027, 2, 29, 12), madrid)).toBe('2026-03-29 01:30 CET')
})

test('how long ago, and how soon', () => {
  const said = [0, 1_999, 59_999, 90_000, 7_200_000, 200_000_000].map((past) => relative(at - past, at))
  expect(said).toEqual(['just now', 'just now', '59 s ago', '1 min ago', '2 h ago', '2 d ago'])
  expect(relative(at + 7_200_000, at)).toBe('in 2 h')
})

test('a choice of zones: of a schedule its own, and another beside it', () => {
  const local = zoneOf('local')
  expect([zoneOf('schedule', madrid), zoneOf('schedule'), zoneOf('local', madrid), zoneOf('UTC', madrid)]).toEqual([
    madrid,
    local,
    local,
    'UTC',
  ])
  expect(zonesBeside('Asia/Tokyo', madrid)).toEqual(['Asia/Tokyo', madrid])
  expect(zonesBeside('Asia/Tokyo', 'Asia/Tokyo')).toEqual(['Asia/Tokyo', local])
  expect(zonesBeside('UTC', 'UTC')).toEqual(local === 'UTC' ? ['UTC'] : ['UTC', local])
})
