import { asset, currentStep } from '@sluice/core'
import { openSqliteInProcess } from '@sluice/storage'
import { expect, test } from 'vitest'
import { withHarness } from '../runs/with-harness.ts'

const t = withHarness(openSqliteInProcess)

test('an attempt whose time was up, and which ends late, publishes nothing: neither to the store nor to the steps that follow', async () => {
  const late = Promise.withResolvers<void>()
  const both = Promise.withResolvers<void>()
  const { values } = t.h
  const write = values.write.bind(values)
  let written = 0
  values.write = async (...given) => {
    const stored = await write(...given)
    if (given[0].name === 'up' && ++written === 2) setImmediate(both.resolve) // behind what its caller does with it
    return stored
  }
  const up = asset('up', { timeout: '30ms', retries: { max: 1, delay: '1ms' } }, async () => {
    const { attempt } = currentStep()!
    if (attempt === 1) await late.promise
    return `attempt ${attempt}`
  })
  // It runs when the second attempt is through, and waits until the first one has written its value after all.
  const between = asset('between', { deps: [up] }, async () => {
    late.resolve()
    await both.promise
  })
  const down = asset('down', { inputs: { up }, deps: [between] }, ({ up: value }) => value)
  const end = await t.h.materialize([up, between, down], ['up', 'between', 'down'])
  expect(end).toMatchObject({ state: 'succeeded' })
  const [kept] = await t.h.store.assets.latest([{ asset: 'up', partition: null }])
  expect(kept).toMatchObject({ attempt: 2 })
  const [made] = await t.h.store.assets.latest([{ asset: 'down', partition: null }])
  expect(await t.h.values.read(down, null, made!.value!)).toBe('attempt 2')
  expect(await t.h.store.assets.history('up')).toHaveLength(1)
})
