import { type AnyAsset, collect, installCalls } from '@sluice/core'
import { claimRun, createCalls, deadPass, executeRun, newRun, openValuePlaces } from '@sluice/engine'
import { holdOwner, openSqliteStore, ownerIsAlive } from '@sluice/storage'
import { moment } from './record.ts'

/** Makes all of these assets in this process, or goes on with the crashed run that did. */
export async function materializeHere(assets: readonly AnyAsset[], partitions: readonly string[]): Promise<void> {
  const home = process.env['SLUICE_HOME']!
  const store = await openSqliteStore({ path: `${home}/sluice.db` })
  const refuse = (): Promise<never> => Promise.reject(new Error('There is no run.'))
  installCalls(
    createCalls({
      task: refuse,
      flow: refuse,
      load: refuse,
      log: () => {},
      partitions: () => ({ add: refuse, remove: refuse, keys: refuse }),
    }),
  )
  await deadPass({ store, isAlive: (owner) => ownerIsAlive(home, owner), now: Date.now() })
  const target = {
    kind: 'assets',
    selection: 'everything',
    assets: assets.map(({ name }) => name),
    partitions,
  } as const
  const before = await store.runs.resumable({
    kind: 'assets',
    name: target.selection,
    params: null,
    entry: null,
    partitions,
  })
  const run = await claimRun(
    store,
    before ?? newRun({ target, params: null, entry: null, now: Date.now() }),
    holdOwner(home).id,
    null,
    Date.now(),
  )
  const values = openValuePlaces({ values: undefined, root: home, home, readOnly: false })
  moment('begin')
  const end = await executeRun({
    store,
    run,
    fresh: before === null,
    definitions: collect(assets),
    configured: [],
    values,
    concurrency: 4,
  })
  moment('returning')
  process.exitCode = end.state === 'stopped' ? 1 : 0
}
