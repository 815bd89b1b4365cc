import { type SensorSpec, type Timetable, timetableOf } from '@sluice/core'
import { expect, test } from 'vitest'
import { styleOf, widthOf } from '../../terminal/style.ts'
import { localTime, zoneName } from '../../terminal/times.ts'
import { type Scene, type SceneSchedule, sceneLines } from './screen.ts'

const now = Date.UTC(2026, 0, 3, 12)
const plain = styleOf({}, { NO_COLOR: '1' })
const minute = 60_000

const failed = (message: string) => ({ outcome: 'failed' as const, error: { name: 'E', code: 'TICK_FAILED', message } })
const timed = (name: string, next: number | null, over: Partial<SceneSchedule> = {}): SceneSchedule => ({
  name,
  spec: { timetable: timetableOf({ every: '1h' }), target: 'sync' },
  paused: false,
  next,
  last: null,
  ...over,
})
const looks = (every: number, on: SensorSpec['on'] = null) => ({ every, on })
const quiet: Scene = {
  url: 'http://127.0.0.1:4747',
  name: 'shop',
  entries: ['pipeline.ts'],
  counts: { flows: 2, tasks: 0, schedules: 1 },
  problem: null,
  schedules: [timed('hourly', now + 12 * minute)],
  sensors: [],
  conditions: [],
  conditionCount: 0,
  problems: [],
  running: 0,
  waiting: 3,
}
const lines = (over: Partial<Scene> = {}, columns = 0) => sceneLines({ ...quiet, ...over }, plain, columns, now)
const at = (ms: number): string => `${localTime(ms).slice(11, 16)} ${zoneName(ms)}`

test('what is loaded, what comes next with its local time, that nothing is wrong, and where the API is', () => {
  expect(lines()).toEqual([
    '  loaded   shop  2 flows, 1 schedule  pipeline.ts',
    expect.stringMatching(
      new RegExp(
        `^  next     in 12 min, S\\w\\w ${at(now + 12 * minute).replace('+', '\\+')} {2}hourly {2}→ sync {2}every 1 h`,
      ),
    ),
    '  wrong    ✓ nothing',
    '  runs     0 running, 3 waiting',
    '  open     http://127.0.0.1:4747/  in a browser; the API: /api/reference',
  ])
})

test('the soonest first, five of them; those that never tick or are paused apart', () => {
  const schedules = [
    timed('never', null),
    timed('off', null, { paused: true }),
    ...Array.from({ length: 7 }, (_, n) => timed(`s${n}`, now + (7 - n) * minute)),
  ]
  const text = lines({ schedules }).join('\n')
  expect(text.match(/\bs\d\b/g)).toEqual(['s6', 's5', 's4', 's3', 's2'])
  expect(text).toContain('and 2 more: sluice schedules list')
  expect(text).toMatch(/\n {2}paused {3}off\n/)
  expect(lines({ schedules: [] })[1]).toBe('  next     nothing is scheduled')
})

test('sensors, and all that is wrong', () => {
  const never: Timetable = { kind: 'cron', cron: ['0 0 31 2 *'], timeZone: 'UTC' }
  const all = lines({
    problem: { code: 'LOAD_FAILED', message: 'nope is not defined' },
    problems: ['alerts: the disk is full'],
    schedules: [
      timed('bad', null, { spec: { timetable: never, target: 'sync' } }),
      timed('hourly', now + minute, { last: failed('Schedule "hourly" failed: no calendar') }),
    ],
    sensors: [
      {
        name: 'files',
        spec: looks(30_000),
        paused: false,
        failures: 3,
        last: failed('Sensor "files" failed: no vendor'),
      },
      { name: 'after', spec: looks(1000, { runs: ['failed'], of: null }), paused: false, failures: 0, last: null },
    ],
  })
  expect(all.join('\n')).toContain('  sensors  files every 30 s, after on events\n')
  const wrong = all
    .slice(
      all.findIndex((line) => line.startsWith('  wrong')),
      -2,
    )
    .map((line) => line.slice(11))
  expect(wrong).toEqual([
    '✗ code: LOAD_FAILED nope is not defined (the version before goes on)',
    '✗ server: alerts: the disk is full',
    '✗ sensor files failed 3 times in a row: no vendor',
    '✗ schedule hourly: its last tick failed: no calendar',
    '! schedule bad: Cron "0 0 31 2 *" names a day that never comes.',
  ])
})

test('without any code it says what to do', () => {
  const [loaded] = lines({ counts: null, problem: { code: 'LOAD_FAILED', message: 'x' }, schedules: [] })
  expect(loaded).toContain('nothing yet: save the code')
})

test.each([80, 120])('no line is longer than a terminal of %i columns', (columns) => {
  const long = 'a name that somebody thought about for a long while'
  const schedules = [timed(long, now + minute), timed('b', now + minute, { last: failed('x'.repeat(500)) })]
  const all = lines({ schedules, entries: [`${long}.ts`, `${long}-2.ts`] }, columns)
  expect(Math.max(...all.map(widthOf))).toBeLessThanOrEqual(columns)
})

test('what conditions make again, by condition; what is paused, and what could not be launched', () => {
  const of = (asset: string, label: string, over: object = {}) => ({
    asset,
    check: null,
    label,
    paused: false,
    latest: null,
    ...over,
  })
  const many = Array.from({ length: 7 }, (_, n) => of(`a${n}`, 'eager'))
  const conditions = [
    ...many,
    of('hours', 'onMissing', { latest: { error: { message: 'two pools' } } }),
    of('held', 'eager', { paused: true }),
  ]
  const text = lines({ conditions, conditionCount: 1_009 })
  expect(text).toContain('  renews   a0, a1, a2, a3, a4 and 2 more eager')
  expect(text).toContain('           hours onMissing')
  expect(text).toContain('           and 1000 more: sluice conditions list')
  expect(text).toContain('  paused   held')
  expect(text.find((line) => line.includes('wrong'))).toContain('condition of hours: two pools')
  expect(lines().join()).not.toContain('renews')
})
