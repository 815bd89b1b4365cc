import { AsyncLocalStorage } from 'node:async_hooks'
import {
  type AnyAsset,
  type Configured,
  type FlowDefinition,
  type JobDefinition,
  type Run,
  type RunTarget,
  type TaskDefinition,
  SluiceError,
  collect,
  decode,
  encode,
  installCalls,
  isolatedTask,
  resolveLaunch,
} from '@sluice/core'
import {
  type Isolate,
  type RunEnd,
  type Shared,
  type ValuePlaces,
  claimRun,
  createCalls,
  dynamicKeys,
  executeRun,
  loadAsset,
  memory,
  newRun,
  openLocalLimits,
  resultOf,
  openProcessResources,
  openValuePlaces,
  titleOf,
} from '@sluice/engine'
import type { Store } from '@sluice/engine/store'
import { openSqliteInProcess } from '@sluice/storage'
import { type FakeClock, fakeClock } from './fake-clock.ts'

/** What every test run may choose. */
export interface TestOptions {
  /** Configuration and fakes of resources, params of assets: `[db.fake(stub), s3.with({ bucket: 'b' })]`. */
  readonly with?: readonly Configured[]
  /** Default: one of its own, on which waits take no time. */
  readonly clock?: FakeClock
  /** Aborted: the run is canceled. */
  readonly signal?: AbortSignal
  /** What people answer, by the name of the approval: `{ promote: { promote: true } }`. */
  readonly answers?: Readonly<Record<string, unknown>>
}

/** A store, values, limits and resources that are one test's own, all in memory. */
export interface World {
  readonly store: Store
  readonly values: ValuePlaces
  readonly clock: FakeClock
  execute(
    target: RunTarget,
    definitions: readonly unknown[],
    given?: { params?: string | null; title?: string | null; configured?: readonly Configured[] },
  ): Promise<{ run: Run; end: RunEnd }>
  close(): Promise<void>
}

interface Inside {
  readonly world: World
  readonly options: TestOptions
}
const inside = new AsyncLocalStorage<Inside>()

export async function openWorld(options: TestOptions): Promise<World> {
  const store = await openSqliteInProcess(':memory:')
  const values = openValuePlaces({ values: memory(), results: memory(), root: '.', home: '.', readOnly: false })
  const clock = options.clock ?? fakeClock()
  const shared: Shared = { limits: openLocalLimits(), resources: openProcessResources() }
  const world: World = {
    store,
    values,
    clock,
    execute(target, definitions, { params = null, title = null, configured = [] } = {}) {
      return inside.run({ world, options }, async () => {
        const run = await claimRun(
          store,
          newRun({ target, params, title, entry: null, now: clock.now() }),
          'test',
          null,
          clock.now(),
        )
        const end = await executeRun({
          store,
          values,
          run,
          clock,
          shared,
          fresh: true,
          definitions: collect(definitions),
          configured: [...(options.with ?? []), ...configured],
          isolate: sameProcess,
          grace: 200,
          ...(options.signal && { signal: options.signal }),
        })
        return { run: (await store.runs.get(run.id))!, end }
      })
    },
    async close() {
      await shared.resources.close()
      await values.close()
      await store.close()
    },
  }
  return world
}

/** In a test an isolated task runs here: it is the same code, and a process is slow to start. */
const sameProcess: Isolate = {
  async run({ task, place, args }) {
    const found = isolatedTask(task, place)
    if (!found) throw new SluiceError('TARGET_UNKNOWN', `No isolated task is called "${task}".`)
    return encode(await found.run(...(decode(args) as unknown[])))
  },
}

/** Runs `use` in a world of its own. */
export async function inWorld<T>(options: TestOptions, use: (world: World) => Promise<T>): Promise<T> {
  const world = await openWorld(options)
  try {
    return await inside.run({ world, options }, () => use(world))
  } finally {
    await world.close()
  }
}

/** Calls that no run makes: in a test they are runs in memory, and nothing of them remains. */
async function alone<T>(use: (world: World) => Promise<T>): Promise<T> {
  const here = inside.getStore()
  return here ? use(here.world) : inWorld({}, use)
}

export async function valueOf(ended: Promise<{ end: RunEnd }>): Promise<unknown> {
  const { end } = await ended
  if (end.state === 'succeeded') return end.value
  throw end.error
}

const argumentsOf = (value: unknown): string | null =>
  value === undefined ? null : encode(value, { code: 'ARGUMENT_NOT_STORABLE' })

export function executeFlow(world: World, definition: FlowDefinition, params: unknown): ReturnType<World['execute']> {
  const title = titleOf(definition.options.runName, params)
  return world.execute({ kind: 'flow', name: definition.name }, [definition], { params: argumentsOf(params), title })
}

installCalls(
  createCalls({
    task: (definition: TaskDefinition, args) =>
      alone((world) =>
        valueOf(world.execute({ kind: 'task', name: definition.name }, [definition], { params: argumentsOf(args) })),
      ),
    flow: (definition, params) => alone((world) => valueOf(executeFlow(world, definition, params))),
    launch: (definition, params) => alone((world) => launch(world, definition, params)),
    result: (run) => alone((world) => resultOf(world, run)),
    answer: ({ name }) => {
      const answers = inside.getStore()?.options.answers
      if (answers && name in answers) return { value: answers[name], by: 'test' }
      throw new SluiceError('RUN_REQUIRED', `Nobody answers "${name}" in a test.`, {
        hint: `Give the answer: { answers: { ${JSON.stringify(name)}: … } }.`,
      })
    },
    log: () => {},
    load: (asset: AnyAsset, partition) => alone((world) => loadAsset(world.store, world.values, asset, partition)),
    partitions: (name) => ({
      add: (keys) => alone((world) => dynamicKeys(world.store, name).add(keys)),
      remove: (keys) => alone((world) => dynamicKeys(world.store, name).remove(keys)),
      keys: () => alone((world) => dynamicKeys(world.store, name).keys()),
    }),
  }),
)

/** In a test a launched run has ended when the launch returns; its failure is its own. */
async function launch(
  world: World,
  definition: FlowDefinition | JobDefinition,
  given: unknown,
): Promise<{ id: string }> {
  const { target, params } = resolveLaunch(definition, given)
  if (typeof target !== 'function') {
    throw new SluiceError('RUN_REQUIRED', `"${definition.name}" makes assets: test them with materialize().`)
  }
  const { run } = await executeFlow(world, target, params)
  return { id: run.id }
}
