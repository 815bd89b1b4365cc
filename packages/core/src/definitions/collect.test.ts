import { describe, expect, test } from 'vitest'
import { asset, ref } from '../assets/asset.ts'
import { assets, output } from '../assets/assets.ts'
import { self } from '../assets/edges.ts'
import { flow } from '../flows/flow.ts'
import { job } from '../jobs/job.ts'
import { limit } from '../limits/limit.ts'
import { daily, grid, oneOf } from '../partitions/kinds.ts'
import { resource } from '../resources/resource.ts'
import { schedule } from '../schedules/schedule.ts'
import { sensor } from '../sensors/sensor.ts'
import { task } from '../tasks/task.ts'
import { collect } from './collect.ts'

describe('what is found', () => {
  test('everything exported, alone, in a list or a record, and what it refers to', () => {
    const net = resource('net', { open: () => 1 })
    const db = resource('db', { uses: { net }, open: () => 1 })
    const raw = asset('raw', { resources: { db } }, () => 1)
    const clean = asset('clean', { inputs: { raw } }, ({ raw: n }) => n)
    const both = assets('both', { outputs: { a: output<number>('a'), b: output<number>('b') } }, () => ({ a: 1, b: 2 }))
    const sync = flow('sync', () => 1)
    const eu = job('eu', { target: sync })
    const nightly = schedule('nightly', { cron: '0 2 * * *', target: eu })
    const watch = sensor('watch', { targets: [eu], every: '1m' }, () => ({ runs: [] }))
    const vendor = limit('vendor', { atOnce: 1 })
    const found = collect([
      [clean],
      { deep: { made: both.a } },
      nightly,
      watch,
      task('page', { limit: vendor }, () => 1),
      7,
      null,
      'text',
      () => 1,
    ])
    const names = Object.fromEntries(
      Object.entries(found).map(([kind, map]) => [kind, [...(map as Map<string, unknown>).keys()].toSorted()]),
    )
    expect(names).toEqual({
      assets: ['a', 'b', 'clean', 'raw'],
      flows: ['sync'],
      jobs: ['eu'],
      limits: ['vendor'],
      resources: ['db', 'net'],
      schedules: ['nightly'],
      sensors: ['watch'],
      tasks: ['page'],
    })
  })

  test('an asset with its checks stands for the one without; a reference gives way to the asset itself', () => {
    const plain = asset('a', () => 1)
    const checked = plain.checks({ some: () => ({ passed: true }) })
    expect(collect([plain, checked]).assets.get('a')).toBe(checked)
    expect(collect([checked, plain]).assets.get('a')).toBe(checked)
    expect(collect([ref<typeof plain>('a'), plain]).assets.get('a')).toBe(plain)
    expect(collect([plain, ref<typeof plain>('a')]).assets.get('a')).toBe(plain)
  })

  test('a task with other options is the same task', () => {
    const page = task('page', () => 1)
    expect(collect([page, page.with({ retries: 1 })]).tasks.size).toBe(1)
  })
})

describe('what is refused', () => {
  test('two of one kind with one name, with both places', () => {
    expect(() => collect([asset('a', () => 1), asset('a', () => 2)])).toThrow(
      expect.objectContaining({
        code: 'DEFINITION_DUPLICATE',
        message: 'Two assets are called "a".',
        hint: expect.stringMatching(/collect\.test\.ts:\d+.* and .*collect\.test\.ts:\d+/) as string,
      }),
    )
    expect(collect([asset('same', () => 1), flow('same', () => 1)]).flows.size).toBe(1)
  })

  test('a circle, with its path', () => {
    type One = ReturnType<typeof asset<number>>
    const x = asset('x', { inputs: { y: ref<One>('y') } }, ({ y: n }) => n)
    const y = asset('y', { inputs: { x } }, ({ x: n }) => n)
    expect(() => collect([x, y])).toThrow(
      expect.objectContaining({
        code: 'ASSET_CYCLE',
        message: expect.stringMatching(/circle: (x → y → x|y → x → y)\.$/) as string,
      }),
    )
  })

  test('an asset that reads its own present; its past it may read', () => {
    const days = daily({ start: '2026-01-01' })
    const balance = asset(
      'balance',
      { partitions: days, inputs: { before: self<number>().at(-1) } },
      ({ before }) => before ?? 0,
    )
    expect(collect([balance]).assets.size).toBe(1)
  })

  test('partitions that cannot work, and edges that do not fit', () => {
    const cells = asset('cells', { partitions: grid({ r: oneOf(['eu|uk']) }) }, () => 1)
    expect(() => collect([cells])).toThrow(expect.objectContaining({ code: 'DEFINITION_INVALID' }))
    const day = asset('day', { partitions: daily({ start: '2026-01-01' }) }, () => 1)
    // @ts-expect-error red in the editor too
    const region = asset('region', { partitions: oneOf(['eu']), inputs: { day } }, () => 1)
    expect(() => collect([region])).toThrow(
      expect.objectContaining({
        code: 'EDGE_INVALID',
        message: expect.stringContaining('"day" in asset "region"') as string,
      }),
    )
  })

  test.each([
    ['a name with a line break', () => asset('a\nb', () => 1)],
    ['no function', () => asset('a', {} as never, undefined as never)],
    ['retries that cannot be', () => task('t', { retries: -1 }, () => 1)],
    ['a timeout that is no duration', () => flow('f', { timeout: 'soon' as '1s' }, () => 1)],
    ['a limit of none', () => limit('l', { atOnce: 0 })],
    ['a rate that cannot be read', () => limit('l', { rate: '5 per minute' as '5/m' })],
    ['no outputs', () => assets('none', { outputs: {} }, () => ({}))],
    ['a name twice in a set', () => oneOf(['a', 'a'])],
  ])('%s', (_, define) => {
    expect(define).toThrow(expect.objectContaining({ code: 'DEFINITION_INVALID' }))
  })
})
