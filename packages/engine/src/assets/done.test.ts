import { type AnyAsset, asset, daily } from '@sluice/core'
import { openSqliteInProcess } from '@sluice/storage'
import { expect, test } from 'vitest'
import { withHarness } from '../runs/with-harness.ts'

const t = withHarness(openSqliteInProcess)
const days = daily({ start: '2026-01-01' })
const keys = ['2026-01-01', '2026-01-02', '2026-01-03']

/** One call for all days: writes each and says that it is done, as long as `next` lets it. */
function writer(next: (key: string) => Promise<void> | void, retries = 0) {
  const calls: (readonly string[])[] = []
  const many: AnyAsset = asset(
    'many',
    { partitions: days, perRun: true, retries },
    async (_, { partition, metadata }) => {
      calls.push(partition.keys)
      for (const key of partition.keys) {
        await next(key)
        metadata({ day: key })
        await partition.done(key)
      }
    },
  )
  return { many, calls }
}

const made = async () => {
  const states = await Promise.all(keys.map((partition) => t.h.store.assets.latest([{ asset: 'many', partition }])))
  return states.flat().map(({ partition, value, metadata }) => [partition, value, metadata['day']])
}

test('what is done by key is made there and then; another attempt makes the rest', async () => {
  let failures = 1
  const { many, calls } = writer((key) => {
    if (key === keys[2] && failures-- > 0) throw new Error('the vendor is away')
  }, 1)
  expect(await t.h.materialize([many], ['many'], keys)).toMatchObject({ state: 'succeeded' })
  expect(calls).toEqual([keys, keys.slice(2)])
  expect(await made()).toEqual(keys.map((key) => [key, null, { type: 'text', value: key }]))
  expect(await t.h.store.assets.ofRun((await t.h.store.runs.list({}))[0]!.id, { limit: 10 })).toHaveLength(3)
})

test('a failure is one of the keys that are not done', async () => {
  const { many } = writer((key) => {
    if (key !== keys[0]) throw new Error('the vendor is away')
  })
  expect(await t.h.materialize([many], ['many'], keys)).toMatchObject({ state: 'failed' })
  expect(await made()).toMatchObject([[keys[0], null, { value: keys[0] }]])
  const events = await t.h.store.events.list({ limit: 100 })
  expect(events.filter(({ type }) => type === 'asset.failed').map(({ partition }) => partition)).toEqual(keys.slice(1))
})

test('a run that crashed goes on behind what is done', async () => {
  let crashes = 1
  const { many, calls } = writer(async (key) => {
    if (key !== keys[2] || crashes-- === 0) return
    const { id: run, epoch } = (await t.h.store.runs.list({}))[0]!
    const end = { change: 'run.end', state: 'crashed', error: null, result: null, at: Date.now() } as const
    await t.h.store.commit([{ ...end, run, epoch }])
    throw new Error('its process is gone')
  })
  const { run } = await t.h.materialize([many], ['many'], keys)
  expect((await made()).map(([key]) => key)).toEqual(keys.slice(0, 2))
  expect(await t.h.resume(run, [many])).toMatchObject({ state: 'succeeded' })
  expect(calls).toEqual([keys, keys.slice(2)])
  expect((await made()).map(([key]) => key)).toEqual(keys)
})

test('a run that crashed when all were done calls nothing again', async () => {
  const calls: number[] = []
  const many: AnyAsset = asset('many', { partitions: days, perRun: true }, async (_, { partition }) => {
    calls.push(partition.keys.length)
    for (const key of partition.keys) await partition.done(key)
    const { id: run, epoch } = (await t.h.store.runs.list({}))[0]!
    const end = { change: 'run.end', state: 'crashed', error: null, result: null, at: Date.now() } as const
    await t.h.store.commit([{ ...end, run, epoch }])
    throw new Error('its process is gone')
  })
  const { run } = await t.h.materialize([many], ['many'], keys)
  expect(await t.h.resume(run, [many])).toMatchObject({ state: 'succeeded' })
  expect(calls).toEqual([3])
})

/** What became of the step of a run of `many`. */
const refusal = async (many: AnyAsset) => {
  const { run } = await t.h.materialize([many], ['many'], keys)
  return (await t.h.store.steps.list(run))[0]?.error?.code
}

test('a key that was not asked for is refused, and so is a value after done', async () => {
  const other: AnyAsset = asset('many', { partitions: days, perRun: true }, (_, { partition }) => partition.done('x'))
  expect(await refusal(other)).toBe('PARTITION_UNKNOWN')
  const valued: AnyAsset = asset('many', { partitions: days, perRun: true }, async (_, { partition }) => {
    await partition.done(keys[0]!)
    return 7
  })
  expect(await refusal(valued)).toBe('DEFINITION_INVALID')
})
