import { asset, collect, domainOf, hourly, partitionStatus, sets, snapshotOf } from '@sluice/core'
import { type Change, assetStatuses, openAssetStates, statusOfPartitions } from '@sluice/engine'
import { create } from '@sluice/engine/rows'
import { openSqliteInProcess } from '@sluice/storage'
import type { Figures } from '../figures.ts'
import { cpuOf, definedAssets, upstreamOf } from './assets.ts'

const spec = { kind: 'hourly', start: '1912-01-01T00:00', timeZone: 'UTC' } as const
const now = Date.parse('2026-01-31T00:00:00Z')

/**
 * What a page about an asset of a million hourly slices shows: how many are in each state, and the first thousand ranges.
 * Every second slice is made, which is as many ranges as there can be; some are stale, some failed, some in progress. The
 * sets are as a server remembers them.
 */
export function million(figures: Figures, times: number): void {
  const keysAt = { now: Temporal.Instant.fromEpochMilliseconds(now), dynamic: {} }
  for (let n = 0; n < times; n++) {
    const domain = domainOf(spec, keysAt)
    const { from, to } = domain.axes[0]!
    if (to - from < 1_000_000) throw new Error(`${to - from} slices are no million.`)
    const every = (step: number) => {
      const count = Math.floor((to - from) / step)
      return sets.spansOf(Array.from({ length: count }, (_, at) => from + at * step))
    }
    const facts = {
      made: every(2),
      stale: every(1000),
      failed: every(5001),
      inProgress: sets.span(to - 500, to),
    }
    figures.add(
      'partitions.million_status_ms',
      'ms',
      cpuOf(() => {
        const { counts, ranges } = partitionStatus(domain, facts, { limit: 1000 })
        if (counts.missing < 400_000 || ranges.length !== 1000) throw new Error('That is not what was made.')
      }),
    )
  }
}

/** The same from a store, of so many slices: read for the first time, and again when one more was made. */
export async function stored(figures: Figures, count: number): Promise<void> {
  const hours = hourly({ start: '1912-01-01T00:00' })
  const up = asset('up', { partitions: hours, codeVersion: '1' }, () => 1)
  const down = asset('down', { partitions: hours, codeVersion: '1', inputs: { up } }, () => 1)
  const { assets } = snapshotOf(collect([up, down]))
  const store = await openSqliteInProcess(':memory:')
  try {
    const keys = domainOf(spec, { now: Temporal.Instant.fromEpochMilliseconds(now), dynamic: {} }).axes[0]!
    const records = (at: number): Change[] => {
      const partition = keys.keyOf(keys.from + at)
      const common = { id: 0, kind: 'materialization', partition, run: 'r1', attempt: 1, at: 1, value: null } as const
      const made = { ...common, codeVersion: '1', metadata: {}, step: at }
      return [
        { ...made, asset: 'up', dataVersion: 'v', inputVersions: {} },
        {
          ...made,
          asset: 'down',
          dataVersion: 'v',
          inputVersions: { [`up|${partition}`]: at % 1000 === 0 ? 'w' : 'v' },
        },
      ].map((materialization) => ({ change: 'asset.record', epoch: 1, materialization }))
    }
    await store.commit(begun)
    for (let at = 0; at < count; at += 1000)
      await store.commit(Array.from({ length: 1000 }, (_, n) => records(at + n)).flat())
    const states = openAssetStates(store)
    const ask = async (name: string): Promise<void> => {
      const before = process.cpuUsage()
      const asked = { assets, location: '', asset: 'down', now, limit: 1000 }
      const { counts } = await statusOfPartitions(store, states, asked)
      const { user, system } = process.cpuUsage(before)
      if (counts.stale !== count / 1000) throw new Error(`${counts.stale} are stale, which is wrong.`)
      figures.add(`partitions.stored_${count}_${name}_ms`, 'ms', (user + system) / 1000)
    }
    await ask('first')
    for (let n = 0; n < 5; n++) {
      await store.commit(records(count + 1 + n))
      await ask('again')
    }
  } finally {
    await store.close()
  }
}

/** How fresh so many assets are, as `status:stale` of a selection asks, all of them made: first, and when one more was. */
export async function statuses(figures: Figures, count: number): Promise<void> {
  const { assets } = snapshotOf(collect([definedAssets(count)]))
  const store = await openSqliteInProcess(':memory:')
  try {
    const made = (n: number, dataVersion: string): Change => ({
      change: 'asset.record',
      epoch: 1,
      materialization: {
        id: 0,
        kind: 'materialization',
        asset: `a${n}`,
        partition: null,
        run: 'r1',
        step: n,
        attempt: 1,
        at: 1,
        value: null,
        dataVersion,
        codeVersion: null,
        metadata: {},
        inputVersions: Object.fromEntries(upstreamOf(n).map((name) => [name, 'v'])),
      },
    })
    await store.commit(begun)
    await store.commit(Array.from({ length: count }, (_, n) => made(n, 'v')))
    const states = openAssetStates(store)
    const ask = async (name: string): Promise<void> => {
      const before = process.cpuUsage()
      const found = await assetStatuses(store, states, { assets, location: '', now })
      const { user, system } = process.cpuUsage(before)
      if (Object.keys(found).length !== count) throw new Error('Some assets have no status.')
      figures.add(`statuses_${count}_${name}_ms`, 'ms', (user + system) / 1000)
    }
    await ask('first')
    for (let n = 0; n < 5; n++) {
      await store.commit([{ ...made(n, 'w'), epoch: 1 } as Change])
      await ask('again')
    }
  } finally {
    await store.close()
  }
}

const target = { kind: 'assets', selection: '*', assets: ['up', 'down'], partitions: null } as const

/** A run that records what is made. */
const begun: readonly Change[] = [
  create('r1', { target, createdAt: 1 }),
  { change: 'run.claim', run: 'r1', from: 0, owner: 'bench', at: 1, codeVersion: null },
]
