import { asset, oneOf } from '@sluice/core'
import { openSqliteInProcess } from '@sluice/storage'
import { expect, test } from 'vitest'
import { withHarness } from '../runs/with-harness.ts'
import { planRetry } from './retry.ts'

const t = withHarness(openSqliteInProcess)

test('an asset without partitions is made again by itself, of a run that made partitions of others', async () => {
  const raw = asset('raw', { partitions: oneOf(['a', 'b']) }, () => 1)
  const total = asset('total', { inputs: { raw } }, () => 1)
  const { run } = await t.h.materialize([raw, total], ['raw', 'total'], ['a', 'b'])
  const before = (await t.h.store.runs.get(run))!
  for (const request of [{ steps: ['total'] }, { alone: 'total' }]) {
    const { run: again } = await planRetry(t.h.store, before, request, Date.now())
    expect(again.target).toMatchObject({ assets: ['total'] })
    await t.h.store.commit([{ change: 'run.create', run: again }])
    expect(await t.h.resume(again.id, [raw, total])).toMatchObject({ state: 'succeeded' })
  }
})
