import { type Configured, type IoFactory, collect, encode, installCalls } from '@sluice/core'
import { type RunEnd, type ValuePlaces, claimRun, createCalls, executeRun, newRun, openValuePlaces } from '../index.ts'
import type { Clock } from './session.ts'
import type { Store } from '../store/ports.ts'

/** For tests of this package: runs things on a store, as a process would, and lets another "process" go on. */
export interface Harness {
  readonly store: Store
  readonly values: ValuePlaces
  run(target: unknown, params?: unknown): Promise<RunEnd & { run: string }>
  materialize(
    definitions: readonly unknown[],
    assets: readonly string[],
    partitions?: readonly string[] | null,
  ): Promise<RunEnd & { run: string }>
  /** Tests: `checks` are `asset:check`. */
  check(
    definitions: readonly unknown[],
    checks: readonly string[],
    partitions?: readonly string[] | null,
  ): Promise<RunEnd & { run: string }>
  /** Claims the run as it is in the store and executes it with this code. */
  resume(run: string, definitions: readonly unknown[]): Promise<RunEnd>
}

export async function harness(
  store: Store,
  home: string,
  configured: readonly Configured[] = [],
  clock?: Clock,
  io?: IoFactory,
): Promise<Harness> {
  const values = openValuePlaces({ values: io, root: home, home, readOnly: false, ...(io && { results: io }) })
  installCalls(
    createCalls({
      task: () => Promise.reject(new Error('no run')),
      flow: () => Promise.reject(new Error('no run')),
      log: () => {},
      load: () => Promise.reject(new Error('no run')),
      partitions: (name) => ({
        add: async (keys) => void (await store.commit([{ change: 'partitions.add', name, keys, at: Date.now() }])),
        remove: async (keys) => void (await store.commit([{ change: 'partitions.remove', name, keys }])),
        keys: async () => [...(await store.partitions.keys(name))],
      }),
    }),
  )
  const start = async (
    made: ReturnType<typeof newRun>,
    definitions: readonly unknown[],
  ): Promise<RunEnd & { run: string }> => {
    const run = await claimRun(store, made, 'owner', null, Date.now())
    return {
      ...(await executeRun({
        store,
        run,
        fresh: true,
        definitions: collect(definitions),
        configured,
        values,
        grace: 200,
        ...(clock && { clock }),
      })),
      run: run.id,
    }
  }
  return {
    store,
    values,
    run(target, params) {
      const { kind, name } = target as { kind: 'flow' | 'task'; name: string }
      return start(
        newRun({
          target: { kind, name },
          params: params === undefined ? null : encode(params),
          entry: null,
          now: Date.now(),
        }),
        [target],
      )
    },
    materialize(definitions, assets, partitions = null) {
      const target = { kind: 'assets', selection: assets.join(' or '), assets, partitions } as const
      return start(newRun({ target, params: null, entry: null, now: Date.now() }), definitions)
    },
    check(definitions, checks, partitions = null) {
      const assets = [...new Set(checks.map((name) => name.slice(0, name.lastIndexOf(':'))))]
      const target = { kind: 'checks', selection: assets.join(' or '), assets, checks, partitions } as const
      return start(newRun({ target, params: null, entry: null, now: Date.now() }), definitions)
    },
    async resume(id, definitions) {
      const before = await store.runs.get(id)
      const run = await claimRun(store, before!, 'another', null, Date.now())
      return executeRun({ store, run, fresh: false, definitions: collect(definitions), configured, values, grace: 200 })
    },
  }
}
