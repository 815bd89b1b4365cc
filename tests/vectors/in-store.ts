import { type RunTarget, collect, encode, installCalls } from '@sluice/core'
import {
  type RunEnd,
  type Store,
  claimRun,
  createCalls,
  executeRun,
  memory,
  newRun,
  openValuePlaces,
} from '@sluice/engine'
import { openSqliteInProcess } from '@sluice/storage'

/** What a run came to, and where its steps are found. */
export type Executed = RunEnd & { readonly run: string }

export interface InStore {
  readonly store: Store
  /** Executes a new run of this target, as a process would. */
  execute(target: RunTarget, definitions: readonly unknown[], params?: object): Promise<Executed>
}

/** Runs something on a store in memory. */
export async function inStore<T>(work: (it: InStore) => Promise<T>): Promise<T> {
  const store = await openSqliteInProcess(':memory:')
  const io = memory()
  const values = openValuePlaces({ values: io, results: io, root: '.', home: '.', readOnly: false })
  const refuse = () => Promise.reject(new Error('A case runs everything in one run.'))
  const keys = { add: refuse, remove: refuse, keys: refuse }
  installCalls(createCalls({ task: refuse, flow: refuse, load: refuse, log: () => {}, partitions: () => keys }))
  try {
    return await work({
      store,
      async execute(target, definitions, params) {
        const made = newRun({ target, params: params ? encode(params) : null, entry: null, now: Date.now() })
        const run = await claimRun(store, made, 'vectors', null, Date.now())
        const its = { definitions: collect(definitions), configured: [], values, grace: 200 }
        return { ...(await executeRun({ store, run, fresh: true, ...its })), run: run.id }
      },
    })
  } finally {
    await values.close()
    await store.close()
  }
}
