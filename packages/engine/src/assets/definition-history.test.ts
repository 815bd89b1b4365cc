import { asset, collect, snapshotOf } from '@sluice/core'
import { openSqliteInProcess } from '@sluice/storage'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Store } from '../store/ports.ts'
import { type DefinitionVersion, definitionHistory, locationOfAsset } from './definition-history.ts'

let store: Store
beforeEach(async () => {
  store = await openSqliteInProcess(':memory:')
})
afterEach(() => store.close())

let at = 0
const register = async (version: string, definitions: readonly unknown[], location = 'main'): Promise<void> => {
  const snapshot = snapshotOf(collect(definitions))
  const git = { commit: version, dirty: false, message: null }
  await store.commit([
    {
      change: 'location.register',
      version: { location, version, snapshot, entries: [], git, bundle: null, createdAt: (at += 1) },
    },
    { change: 'location.activate', location, version, at },
  ])
}
const orders = (owner: string) => asset('orders', { owners: [owner] }, () => 1)
const other = asset('other', () => 1)

test('what changed from version to version, over pages of any size', async () => {
  await register('v1', [other])
  await register('v2', [other, orders('ann')])
  await register('v3', [orders('ann')]) // the other is gone, and this is the same
  await register('v4', [orders('bob')])
  await register('v5', [other])
  const expected = [
    { version: 'v5', what: 'removed', changes: [] },
    { version: 'v4', what: 'changed', changes: [{ field: 'owners', before: ['ann'], after: ['bob'] }] },
    { version: 'v2', what: 'added', changes: [] },
  ]
  for (const limit of [1, 2, 3, 10]) {
    const found: DefinitionVersion[] = []
    for (let before: { createdAt: number; version: string } | undefined; ;) {
      const { versions, next } = await definitionHistory(store, { location: 'main', asset: 'orders', before, limit })
      found.push(...versions)
      if (!next) break
      before = next
    }
    expect(found.map(({ version, what, changes }) => ({ version, what, changes }))).toEqual(expected)
  }
  expect(await definitionHistory(store, { location: 'main', asset: 'none', limit: 9 })).toEqual({
    versions: [],
    next: null,
  })
})

test('whose code is meant', async () => {
  await expect(locationOfAsset(store, 'orders')).rejects.toMatchObject({ code: 'ASSET_UNKNOWN' })
  await register('v1', [other])
  expect(await locationOfAsset(store, 'orders')).toBe('main')
  await register('v1', [orders('ann')], 'shop')
  expect(await locationOfAsset(store, 'orders')).toBe('shop')
  await expect(locationOfAsset(store, 'gone')).rejects.toMatchObject({
    hint: expect.stringContaining('--location main'),
  })
})
