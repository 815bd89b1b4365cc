import { type CatchUp, type Timetable, ticksBetween, ticksOf } from '@sluice/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decideSchedule } from './decide-schedule.ts'

const hourly: Timetable = { kind: 'cron', cron: ['0 * * * *'], timeZone: 'UTC' }
const at = (text: string): number => Temporal.Instant.from(`2026-01-01T${text}Z`).epochMilliseconds

const decide = (catchUp: CatchUp, watermark: string, inTimeSince: string, now: string) => {
  const decided = decideSchedule({
    spec: { timetable: hourly, catchUp },
    watermark: at(watermark),
    inTimeSince: at(inTimeSince),
    now: at(now),
  })
  const hour = (ms: number): string => new Date(ms).toISOString().slice(11, 16)
  return (
    decided && {
      launch: decided.launch.map(hour),
      passed:
        decided.passed && `${decided.passed.count} from ${hour(decided.passed.first)} to ${hour(decided.passed.last)}`,
      late: decided.late?.count ?? 0,
      to: hour(decided.to),
    }
  )
}

describe('what a schedule does', () => {
  test.each<[string, CatchUp, [string, string, string], ReturnType<typeof decide>]>([
    ['nothing is due', 'latest', ['02:00', '02:30', '02:59'], null],
    [
      'one is due, in time',
      'none',
      ['02:00', '02:59', '03:00'],
      { launch: ['03:00'], passed: null, late: 0, to: '03:00' },
    ],
    [
      'nobody was there: none',
      'none',
      ['02:00', '05:29', '05:30'],
      { launch: [], passed: '3 from 03:00 to 05:00', late: 3, to: '05:00' },
    ],
    [
      'nobody was there: the latest',
      'latest',
      ['02:00', '05:29', '05:30'],
      { launch: ['05:00'], passed: '2 from 03:00 to 04:00', late: 3, to: '05:00' },
    ],
    [
      'the latest is one in time',
      'latest',
      ['02:00', '04:59', '05:00'],
      { launch: ['05:00'], passed: '2 from 03:00 to 04:00', late: 2, to: '05:00' },
    ],
    [
      'nobody was there: all',
      'all',
      ['02:00', '05:29', '05:30'],
      { launch: ['03:00', '04:00', '05:00'], passed: null, late: 3, to: '05:00' },
    ],
    [
      'the newest two',
      { all: 2 },
      ['02:00', '05:29', '05:30'],
      { launch: ['04:00', '05:00'], passed: '1 from 03:00 to 03:00', late: 3, to: '05:00' },
    ],
    ['a clock that went back', 'all', ['05:00', '04:00', '04:30'], null],
  ])('%s', (_, catchUp, [watermark, inTimeSince, now], expected) => {
    expect(decide(catchUp, watermark, inTimeSince, now)).toEqual(expected)
  })

  test('whatever the policy and however it is cut into passes, each tick is launched or passed over, once', () => {
    const policy = fc.constantFrom<CatchUp>('none', 'latest', 'all', { all: 3 }, { all: 150 })
    const pauses = fc.array(fc.record({ ms: fc.integer({ min: 1, max: 40 * 3_600_000 }), asleep: fc.boolean() }), {
      maxLength: 8,
    })
    fc.assert(
      fc.property(policy, pauses, fc.constantFrom('*/10 * * * *', '0 * * * *', '* * * * *'), (catchUp, steps, cron) => {
        const timetable: Timetable = { kind: 'cron', cron: [cron], timeZone: 'Europe/Madrid' }
        const start = at('00:00')
        let [now, watermark] = [start, start]
        const launched: number[] = []
        let passed = 0
        for (const { ms, asleep } of steps) {
          const before = now
          now += ms
          for (;;) {
            const decided = decideSchedule({
              spec: { timetable, catchUp },
              watermark,
              now,
              inTimeSince: asleep ? now : before,
            })
            if (!decided) break
            expect(decided.from).toBe(watermark)
            expect(decided.to).toBeGreaterThan(watermark)
            launched.push(...decided.launch)
            passed += decided.passed?.count ?? 0
            watermark = decided.to
          }
        }
        const all = ticksBetween(ticksOf(timetable), start, now)
        expect(new Set(launched).size).toBe(launched.length)
        expect(launched).toEqual(launched.toSorted((a, b) => a - b))
        expect(launched.every((one) => all.includes(one))).toBe(true)
        expect(launched.length + passed).toBe(all.length)
        if (catchUp === 'all') expect(passed).toBe(0)
      }),
      { numRuns: 60 },
    )
  })
})
