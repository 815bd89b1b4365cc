import { expect, test } from 'vitest'
import { z } from 'zod'
import { type AnyAsset, asset } from '../assets/asset.ts'
import { check } from '../checks/ready.ts'
import { daily } from '../partitions/kinds.ts'
import { assetChanges } from './asset-changes.ts'
import { collect } from './collect.ts'
import { type AssetSnapshot, snapshotOf } from './snapshot.ts'

const shot = (one: AnyAsset): AssetSnapshot => snapshotOf(collect([one])).assets.find(({ name }) => name === 'orders')!
const raw = asset('raw', () => 1)
const base = () =>
  asset('orders', { inputs: { raw }, owners: ['a@b.c'], tags: { tier: '1', eu: '' } }, () => [{ id: 1 }])

test('the same definition, elsewhere in the code, has not changed', () => {
  expect(assetChanges(shot(base()), shot(base()))).toEqual([])
  // prettier-ignore
  const moved = asset('orders', { tags: { eu: '', tier: '1' }, owners: ['a@b.c'], inputs: { raw } }, () => [{ id: 2 }])
  expect(assetChanges(shot(base()), shot(moved))).toEqual([])
})

test('each thing that is said counts by itself', () => {
  const now = asset(
    'orders',
    {
      columns: z.object({ id: z.int(), email: z.string().nullable() }),
      partitions: daily({ start: '2026-01-01' }),
      deps: [raw],
      owners: ['team:data'],
      tags: { tier: '2' },
      codeVersion: '2',
      freshness: { within: '1h' },
      pool: 'heavy',
    },
    () => [],
  ).checks({ has_rows: check.rows({ min: 1 }) })
  const changes = assetChanges(shot(base()), shot(now))
  expect(changes.map(({ field, before, after }) => [field, before, after])).toEqual([
    ['checks.has_rows', null, { blocking: false, severity: 'error', description: 'Has at least 1 rows' }],
    ['codeVersion', null, '2'],
    ['columns.email', null, 'string?'],
    ['columns.id', null, 'integer'],
    ['edges.raw', null, { optional: false }],
    ['edges.raw as raw', { input: 'raw', optional: false }, null],
    ['freshness', null, { kind: 'within', fail: 3_600_000, warn: null }],
    ['owners', ['a@b.c'], ['team:data']],
    ['partitions', null, { kind: 'daily', timeZone: 'UTC', start: '2026-01-01' }],
    ['pool', null, 'heavy'],
    ['tags.eu', '', null],
    ['tags.tier', '1', '2'],
  ])
  expect(assetChanges(shot(now), shot(base())).find(({ field }) => field === 'tags.tier')).toEqual({
    field: 'tags.tier',
    before: '2',
    after: '1',
  })
})
