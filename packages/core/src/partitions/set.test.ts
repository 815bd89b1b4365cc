import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { assertPartitions, keyFor, keysOf, type PartitionsSpec, type TimeSpec, windowOf } from './set.ts'
import { timeline } from './time.ts'

const now = (text: string) => ({ now: Temporal.Instant.from(text), dynamic: {} })
const daily: TimeSpec = { kind: 'daily', start: '2026-01-01', timeZone: 'Europe/Madrid' }
const hoursOf = (spec: PartitionsSpec, key: string) => {
  const { start, end } = windowOf(spec, key)!
  return end.since(start).total('hours')
}

describe('days', () => {
  test('a day exists when it has ended, in its own time zone', () => {
    expect(keysOf(daily, now('2026-01-01T22:59:59.999Z')).count).toBe(0)
    expect([...keysOf(daily, now('2026-01-01T23:00:00Z'))]).toEqual(['2026-01-01'])
    expect(keysOf(daily, now('2025-06-01T00:00:00Z'))).toMatchObject({ count: 0, first: null, last: null })
  })

  test('the end caps them, the offset moves what exists', () => {
    const spec = { ...daily, end: '2026-01-04' }
    expect([...keysOf(spec, now('2027-01-01T00:00:00Z'))]).toEqual(['2026-01-01', '2026-01-02', '2026-01-03'])
    expect(keysOf({ ...daily, endOffset: 1 }, now('2026-01-01T12:00:00Z')).last).toBe('2026-01-01')
    expect(keysOf({ ...daily, endOffset: -1 }, now('2026-01-04T12:00:00Z')).last).toBe('2026-01-02')
    expect(keysOf({ ...spec, endOffset: 99 }, now('2026-01-02T12:00:00Z')).last).toBe('2026-01-03')
  })

  test('a start in the middle of a day leaves that day out', () => {
    expect(keysOf({ ...daily, start: '2026-01-01T00:01' }, now('2026-02-01T00:00:00Z')).first).toBe('2026-01-02')
    expect(keysOf({ ...daily, start: '2026-01-01T00:00' }, now('2026-02-01T00:00:00Z')).first).toBe('2026-01-01')
  })

  test('days are 23, 24 and 25 hours long', () => {
    expect(hoursOf(daily, '2026-03-28')).toBe(24)
    expect(hoursOf(daily, '2026-03-29')).toBe(23)
    expect(hoursOf(daily, '2026-10-25')).toBe(25)
    expect(windowOf(daily, '2026-03-29')!.start.toString()).toBe('2026-03-28T23:00:00Z')
  })

  test('a million slices are as cheap as one', () => {
    const keys = keysOf({ ...daily, start: '0001-01-01', end: '2900-01-01' }, now('3000-01-01T00:00:00Z'))
    expect(keys).toMatchObject({ count: 1_058_838, first: '0001-01-01', last: '2899-12-31' })
    expect(keys.at(keys.indexOf('2026-11-22'))).toBe('2026-11-22')
  })

  test.each(['2026-02-30', '2026-1-1', '2026-01-01T00:00', 'x', ''])('%j is no key', (key) => {
    expect(keysOf(daily, now('2027-01-01T00:00:00Z')).has(key)).toBe(false)
    expect(() => windowOf(daily, key)).toThrow(expect.objectContaining({ code: 'PARTITION_UNKNOWN' }))
  })
})

const zones = [
  'UTC',
  'Europe/Madrid',
  'America/New_York',
  'America/Sao_Paulo',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'America/Havana',
]
const anyTime = fc.record({
  kind: fc.constantFrom('hourly' as const, 'daily' as const, 'weekly' as const, 'monthly' as const),
  start: fc.constantFrom('2018-01-01', '2018-10-31', '2019-02-16'),
  timeZone: fc.constantFrom(...zones),
})

describe('every kind by the clock, in every zone', () => {
  test('a slice starts where the one before ends, and its key says which it is', () => {
    fc.assert(
      fc.property(anyTime, fc.nat(20_000), (spec, index) => {
        const line = timeline(spec)
        const slice = line.first + (index % (spec.kind === 'hourly' ? 20_000 : 700))
        const key = line.keyOf(slice)
        const window = windowOf(spec, key)!
        expect(line.indexOf(key)).toBe(slice)
        expect(window.end.equals(windowOf(spec, line.keyOf(slice + 1))!.start)).toBe(true)
        expect(Temporal.Instant.compare(window.start, window.end)).toBe(-1)
        expect(keyFor(spec, window.start)).toBe(key)
        expect(keyFor(spec, window.end.subtract({ nanoseconds: 1 }))).toBe(key)
        expect(keysOf(spec, { now: window.end, dynamic: {} }).last).toBe(key)
      }),
      { numRuns: 300 },
    )
  })
})

describe('windows that are not arithmetic', () => {
  const spec = (more: Partial<TimeSpec>) => ({ ...daily, timeZone: 'UTC', ...more }) as TimeSpec
  const list = (more: Partial<TimeSpec>, at: string) => [...keysOf(spec(more), now(at))]

  test('a cron: its windows last until the next tick', () => {
    const working = { kind: 'cron', cron: '0 0 * * 1-5' } as const
    expect(list(working, '2026-01-06T00:00:00Z')).toEqual(['2026-01-01', '2026-01-02', '2026-01-05'])
    expect(hoursOf(spec(working), '2026-01-02')).toBe(72)
    expect(keyFor(spec(working), Temporal.Instant.from('2026-01-04T12:00:00Z'))).toBe('2026-01-02')
    expect(keyFor(spec(working), Temporal.Instant.from('2025-12-28T12:00:00Z'))).toBe('2025-12-26')
  })

  test('what is left out is not there, and the window before it ends where it did', () => {
    const more = { exclude: ['0 0 * * 6,0', '2026-01-06'] }
    expect(list(more, '2026-01-08T00:00:00Z')).toEqual(['2026-01-01', '2026-01-02', '2026-01-05', '2026-01-07'])
    expect(hoursOf(spec(more), '2026-01-02')).toBe(24)
    expect(list({ ...more, endOffset: 1 }, '2026-01-03T00:00:00Z').at(-1)).toBe('2026-01-05')
  })

  test('a month without the day begins no slice', () => {
    const more = { kind: 'monthly', dayOffset: 31 } as const
    expect(list(more, '2026-05-31T00:00:00Z')).toEqual(['2026-01-31', '2026-03-31'])
  })

  test('other starts of the hour, day, week and month', () => {
    expect(list({ kind: 'hourly', minuteOffset: 15 }, '2026-01-01T02:15:00Z')).toEqual([
      '2026-01-01-00:15',
      '2026-01-01-01:15',
    ])
    expect(list({ hourOffset: 6, minuteOffset: 30 }, '2026-01-02T06:29:00Z')).toEqual([])
    expect(list({ kind: 'weekly', dayOffset: 1 }, '2026-01-13T00:00:00Z')).toEqual(['2026-01-05'])
    expect(list({ kind: 'monthly', dayOffset: 15, hourOffset: 2 }, '2026-03-15T02:00:00Z')).toEqual([
      '2026-01-15',
      '2026-02-15',
    ])
  })

  test('keys in another format', () => {
    expect(list({ format: '%d %b %Y' }, '2026-01-03T00:00:00Z')).toEqual(['01 Jan 2026', '02 Jan 2026'])
    expect(list({ kind: 'monthly', format: '%Y-%m' }, '2026-03-01T00:00:00Z')).toEqual(['2026-01', '2026-02'])
    const marked = { kind: 'hourly', timeZone: 'Asia/Kolkata', format: '%H:%M%z' } as const
    expect(list(marked, '2025-12-31T20:00:00Z')).toEqual(['00:00+0530'])
  })
})

describe('a grid', () => {
  test('of six dimensions and 10⁹ keys lists nothing', () => {
    const names = (from: string, count: number): PartitionsSpec => ({
      kind: 'one of',
      keys: Array.from({ length: count }, (_, n) => `${from}${n}`),
    })
    const dims = {
      a: names('a', 32),
      b: names('b', 32),
      c: names('c', 32),
      d: names('d', 32),
      e: names('e', 32),
      f: daily,
    }
    const keys = keysOf({ kind: 'grid', dims }, now('2026-02-02T00:00:00Z'))
    expect(keys).toMatchObject({
      count: 32 ** 6,
      first: 'a0|b0|c0|d0|e0|2026-01-01',
      last: 'a31|b31|c31|d31|e31|2026-02-01',
    })
    expect(keys.at(keys.indexOf('a1|b2|c3|d4|e5|2026-01-07'))).toBe('a1|b2|c3|d4|e5|2026-01-07')
    for (const none of ['a1|b2|c3|d4|e5', 'a1|b2|c3|d4|e5|2026-02-02', 'x|b2|c3|d4|e5|2026-01-07', ''])
      expect(keys.has(none)).toBe(false)
  })
})

describe('names', () => {
  test('are as they were given, dynamic ones as they are now', () => {
    const keys = keysOf({ kind: 'one of', keys: ['eu', 'us'] }, now('2026-01-01T00:00:00Z'))
    expect(keys).toMatchObject({ count: 2, first: 'eu', last: 'us' })
    expect([keys.has('eu'), keys.has('uk'), keys.at(1), keys.at(2), keys.indexOf('us'), keys.slice(1)]).toEqual([
      true,
      false,
      'us',
      undefined,
      1,
      ['us'],
    ])
    const spec = { kind: 'dynamic', name: 'customers' } as const
    expect([...keysOf(spec, { ...now('2026-01-01T00:00:00Z'), dynamic: { customers: ['b', 'a'] } })]).toEqual([
      'b',
      'a',
    ])
    expect(keysOf(spec, now('2026-01-01T00:00:00Z')).count).toBe(0)
    expect(windowOf(spec, 'a')).toBeNull()
    expect(keyFor(spec, Temporal.Instant.from('2026-01-01T00:00:00Z'))).toBeNull()
  })
})

describe('assertPartitions', () => {
  const names: PartitionsSpec = { kind: 'one of', keys: ['a'] }
  test.each([
    { ...daily, start: '2026-02-30' },
    { ...daily, start: '1.1.2026' },
    { ...daily, timeZone: 'Mars/Olympus' },
    { ...daily, end: '2025-01-01' },
    { ...daily, end: 'never' },
    { ...daily, endOffset: 0.5 },
    { ...daily, hourOffset: 24 },
    { ...daily, format: '%Q' },
    { ...daily, kind: 'cron', cron: '0 0 31 2 *' },
    { kind: 'grid', dims: {} },
    { kind: 'grid', dims: { a: { kind: 'grid', dims: { a: names } } } },
    { kind: 'grid', dims: { a: { kind: 'one of', keys: ['a|b'] } } },
  ] as PartitionsSpec[])('%j cannot work', (spec) => {
    expect(() => assertPartitions(spec, 'Asset "a"')).toThrow(
      expect.objectContaining({ code: 'DEFINITION_INVALID', message: expect.stringContaining('Asset "a"') as string }),
    )
  })
})
