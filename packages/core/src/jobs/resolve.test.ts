import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { asset } from '../assets/asset.ts'
import { collect } from '../definitions/collect.ts'
import { snapshotOf } from '../definitions/snapshot.ts'
import { flow } from '../flows/flow.ts'
import { daily, dynamic, grid, monthly, oneOf, weekly } from '../partitions/kinds.ts'
import { evaluateTick } from '../schedules/evaluate.ts'
import { schedule } from '../schedules/schedule.ts'
import { job } from './job.ts'
import { resolveLaunch, resolveTarget } from './resolve.ts'

const days = daily({ start: '2026-01-01', timeZone: 'Europe/Madrid' })
const load = flow(
  'load',
  { params: z.object({ day: z.string(), hours: z.number(), dry: z.boolean().optional() }) },
  ({ day }) => day,
)
const each = job('each', {
  target: load,
  partitions: days,
  params: ({ key, window }) => ({ day: key, hours: window.start.until(window.end).total('hours') }),
})

describe('a partitioned job of a flow', () => {
  test('takes its params from the slice; what is given counts over them, and a job around it passes it on', () => {
    expect(resolveTarget(each, undefined, '2026-03-29')).toMatchObject({ params: { day: '2026-03-29', hours: 23 } })
    expect(resolveTarget(each, { dry: true }, '2026-01-02').params).toEqual({ day: '2026-01-02', hours: 24, dry: true })
    expect(resolveTarget(each).params).toBeUndefined()
    const outer = job('outer', { target: each, tags: { team: 'x' } })
    expect(resolveLaunch(outer as never, { partition: '2026-01-02' })).toMatchObject({
      params: { day: '2026-01-02' },
      partition: '2026-01-02',
    })
    expect(() => resolveLaunch(each as never, undefined)).toThrow(
      expect.objectContaining({ code: 'PARTITION_REQUIRED' }),
    )
    expect(() => resolveTarget(each, undefined, 'soon')).toThrow(expect.objectContaining({ code: 'PARTITION_UNKNOWN' }))
    expect(snapshotOf(collect([outer])).jobs.map(({ name, partitions }) => [name, partitions?.kind])).toEqual([
      ['outer', 'daily'],
      ['each', 'daily'],
    ])
  })

  test('needs its partitions, and such as can be', () => {
    const wrong = { target: load, params: () => ({}) }
    expect(() => job('wrong', wrong as never)).toThrow(expect.objectContaining({ code: 'DEFINITION_INVALID' }))
    const never = job('never', {
      target: load,
      partitions: daily({ start: '2026-02-30' }),
      params: ({ key }) => ({ day: key, hours: 1 }),
    })
    expect(() => collect([never])).toThrow('Job "never"')
  })

  test('is run by a schedule for the slice that ended last', async () => {
    const nightly = schedule('nightly', { target: each })
    expect(nightly.timetable).toEqual({ kind: 'cron', cron: ['0 0 * * *'], timeZone: 'Europe/Madrid' })
    const tick = { scheduledFor: Temporal.Instant.from('2026-01-04T23:00:00Z'), timeZone: 'Europe/Madrid' }
    expect(await evaluateTick(nightly, tick)).toEqual({
      runs: [{ partition: '2026-01-04', params: { day: '2026-01-04', hours: 24 } }],
    })
    const [spec] = snapshotOf(collect([nightly])).schedules
    expect(spec).toMatchObject({ asks: true, params: null })
  })
})

describe('a schedule that is made from the partitions of its target', () => {
  const when = (partitions: typeof days, at?: object) => {
    const target = asset('x', { partitions }, () => 1)
    const made = schedule('s', { target, ...(at && { at }) })
    return made.timetable.kind === 'cron' ? [...made.timetable.cron, made.timetable.timeZone] : []
  }

  test('ticks when a slice ends, or at another time of the day, the week, the month', () => {
    expect(when(days)).toEqual(['0 0 * * *', 'Europe/Madrid'])
    expect(when(days, { hour: 3, minute: 30 })).toEqual(['30 3 * * *', 'Europe/Madrid'])
    const weeks = weekly({ start: '2026-01-01', dayOffset: 1 }) as never
    expect(when(weeks)).toEqual(['0 0 * * 1', 'UTC'])
    expect(when(monthly({ start: '2026-01-01' }) as never, { dayOfMonth: 2 })).toEqual(['0 0 2 * *', 'UTC'])
    expect(when(grid({ day: days, who: oneOf(['a', 'b']) }) as never)).toEqual(['0 0 * * *', 'Europe/Madrid'])
    const some = job('some', { target: [asset('a', () => 1), asset('b', { partitions: days }, () => 1)] })
    expect(schedule('s', { target: some }).timetable).toMatchObject({ cron: ['0 0 * * *'] })
  })

  test('is refused where nothing says when', () => {
    expect(() => when(dynamic('who') as never)).toThrow(/does not say when/)
    expect(() => schedule('s', { target: flow('plain', () => 1) })).toThrow(/does not say when/)
    expect(() => when(days, { dayOfMonth: 2 })).toThrow(expect.objectContaining({ code: 'DEFINITION_INVALID' }))
  })
})
