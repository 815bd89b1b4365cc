import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { type AnyAsset, type Run, asset, collect, eager, snapshotOf } from '@sluice/core'
import { type Change, type Store, newRun } from '@sluice/engine'
import { type Conditions, openConditions } from '@sluice/server'
import { openSqliteStore } from '@sluice/storage'
import { openDisk } from '../disk.ts'
import type { Figures } from '../figures.ts'
import { upstreamOf } from './assets.ts'

/**
 * The whole look of a server at so many eager assets, over a store in its own thread: what it reads, decides and writes.
 * Milliseconds of processor time of the server's own thread: of the dearest look, of all until nothing moves any more; and
 * the longest time that nothing else could run in it.
 */
export async function looks(
  figures: Figures,
  { count, times, folder }: { readonly count: number; readonly times: number; readonly folder?: string | undefined },
): Promise<void> {
  const disk = openDisk(folder)
  const store = await openSqliteStore({ path: join(disk.folder, 'store.db') })
  try {
    const snapshot = snapshotOf(collect([eagerAssets(count)]))
    const names = snapshot.assets.map(({ name }) => name)
    const server = (): Conditions =>
      openConditions(
        {
          store,
          now: () => Date.now(),
          locations: { active: async () => [{ location: 'main', version: 'v1', snapshot }] },
          connections: { ask: () => Promise.reject(new Error('Nothing of these is asked.')) },
        },
        (_, text) => {
          throw new Error(text)
        },
      )
    const conditions = server()
    const look = async (name: string, who = conditions): Promise<number> => {
      const { runs, cpus, blocked } = await measured(who)
      const figure = `automation.look_${name}_${count}`
      figures.add(`${figure}_ms`, 'ms', Math.max(...cpus))
      figures.add(
        `${figure}_settled_ms`,
        'ms',
        cpus.reduce((sum, one) => sum + one, 0),
      )
      figures.add(`${figure}_blocked_ms`, 'ms', blocked)
      return runs
    }
    if ((await look('first')) === 0) throw new Error('What was never made was not requested.')
    await work(store)
    await look('made')
    for (let n = 0; n < times; n++) {
      await look('idle')
      await make(store, ['a50'])
      if ((await look('one')) === 0) throw new Error('What is below was not requested.')
      await work(store)
      await measured(conditions)
      await make(store, names)
      await look('all')
      await look('restart', server())
      await measured(conditions)
    }
  } finally {
    await store.close()
    disk.close()
  }
}

/** Looks until nothing moves any more. */
async function measured(conditions: Conditions) {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  const cpus: number[] = []
  let runs = 0
  delay.enable()
  for (let quiet = 0; quiet < 3;) {
    const before = process.threadCpuUsage()
    const made = await conditions.pass()
    const { user, system } = process.threadCpuUsage(before)
    cpus.push((user + system) / 1000)
    runs += made
    quiet = made === 0 ? quiet + 1 : 0
  }
  delay.disable()
  return { runs, cpus, blocked: delay.max / 1e6 }
}

/** A run of these by a person, from its beginning to its end. */
async function make(store: Store, names: readonly string[]): Promise<void> {
  const target = { kind: 'assets', selection: '*', assets: names, partitions: null } as const
  const run = newRun({ target, params: null, entry: null, now: Date.now() })
  await store.commit([{ change: 'run.create', run }])
  await execute(store, run)
}

/** Executes what conditions have requested. */
async function work(store: Store): Promise<void> {
  for (const run of await store.runs.list({ states: ['waiting'], limit: 1000 })) await execute(store, run)
}

async function execute(store: Store, { id, target }: Run): Promise<void> {
  await store.commit([{ change: 'run.claim', run: id, from: 0, owner: 'bench', at: Date.now(), codeVersion: null }])
  const names = 'assets' in target ? target.assets : []
  const records = names.map((asset, step): Change => {
    const common = { id: 0, kind: 'materialization', partition: null, run: id, attempt: 1, value: null } as const
    const versions = { dataVersion: id, codeVersion: '1', inputVersions: {}, metadata: {} }
    return {
      change: 'asset.record',
      epoch: 1,
      materialization: { ...common, ...versions, asset, step, at: Date.now() },
    }
  })
  for (let from = 0; from < records.length; from += 1000) await store.commit(records.slice(from, from + 1000))
  const end = { state: 'succeeded', error: null, result: null, at: Date.now() } as const
  await store.commit([{ change: 'run.end', run: id, epoch: 1, ...end }])
}

function eagerAssets(count: number): readonly AnyAsset[] {
  const made: AnyAsset[] = []
  for (let n = 0; n < count; n++) {
    const deps = upstreamOf(n).map((name) => made[Number(name.slice(1))]!)
    made.push(asset(`a${n}`, { deps, condition: eager(), codeVersion: '1' }, () => n))
  }
  return made
}
