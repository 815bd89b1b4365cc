import { dirname, resolve } from 'node:path'
import {
  type AnyAsset,
  type Calls,
  type FlowDefinition,
  type JobDefinition,
  type Run,
  type RunTarget,
  type TaskDefinition,
  SluiceError,
  collect,
  currentCalls,
  encode,
  installCalls,
  resolveLaunch,
  type Settings,
} from '@sluice/core'
import {
  type RunEnd,
  type ValuePlaces,
  claimRun,
  collectAfterRun,
  createCalls,
  deadPass,
  dynamicKeys,
  executeRun,
  loadAsset,
  newRun,
  openValuePlaces,
  parseParams,
  resultOf,
  titleOf,
} from '@sluice/engine'
import type { Store } from '@sluice/engine/store'
import { isPostgresUrl } from '@sluice/storage/address'
import { type Project, entryOf, findProject, loadSettings, makeHome } from '../project/project.ts'
import { placeOf } from '../project/store-place.ts'
import { printEnd, printLog, printResume } from './print.ts'

interface Runtime {
  readonly project: Project
  readonly settings: Settings
  readonly store: Store
  readonly values: ValuePlaces
  /** Made when the first run starts: reading alone takes no lock. */
  owner(): Promise<string>
}

let opened: Promise<Runtime> | undefined

/**
 * Puts the engine behind calls that a script makes by itself: `await sync()` in any file is a tracked run, in this
 * process, with the store in the project's `.sluice`. Nothing is opened before the first call.
 */
export function installScriptRuntime(): void {
  if (!currentCalls()) installCalls(createCalls({ task, flow, load, launch, result, partitions, log: printLog }))
}

async function open(): Promise<Runtime> {
  const script = process.argv[1] ? resolve(process.argv[1]) : undefined
  const project = findProject(script ? dirname(script) : process.cwd())
  makeHome(project.home)
  const [{ openSqliteStore, holdOwner, ownerDied, ownerIsAlive }, settings] = await Promise.all([
    import('@sluice/storage'),
    loadSettings(project, process.env['SLUICE_ENV'] ?? 'dev'),
  ])
  const named = process.env['SLUICE_STORE']
  const place = placeOf(project, named !== undefined && isPostgresUrl(named) ? named : settings.store)
  const isShared = place.kind === 'postgres'
  const store = isShared
    ? await (await import('@sluice/storage/postgres')).openPostgres(place.url)
    : await openSqliteStore({ path: place.path })
  const isAlive = (owner: string): boolean =>
    isShared ? !ownerDied(project.home, owner) : ownerIsAlive(project.home, owner)
  const values = openValuePlaces({ values: settings.values, root: project.root, home: project.home, readOnly: false })
  let held: Promise<string> | undefined
  return {
    project,
    settings,
    store,
    values,
    owner: () =>
      (held ??= (async () => {
        await deadPass({ store, isAlive, now: Date.now() })
        return holdOwner(project.home).id
      })()),
  }
}

function runtime(): Promise<Runtime> {
  opened ??= open()
  opened.catch(() => (opened = undefined))
  return opened
}

async function flow(definition: FlowDefinition, params: unknown): Promise<unknown> {
  return outcomeOf(await (await startFlow(definition, params)).end)
}

async function task(definition: TaskDefinition, args: readonly unknown[]): Promise<unknown> {
  const text = encode(args, { code: 'ARGUMENT_NOT_STORABLE' })
  return outcomeOf(await (await start({ kind: 'task', name: definition.name }, text, null, definition)).end)
}

/** A run beside this script's own work: the process stays until it has ended. */
async function launch(definition: FlowDefinition | JobDefinition, given: unknown): Promise<{ id: string }> {
  const { target, params } = resolveLaunch(definition, given)
  if (typeof target !== 'function') {
    throw new SluiceError('RUN_REQUIRED', `"${definition.name}" makes assets, which a script by itself does not.`, {
      hint: 'Run the command: sluice materialize SELECTION.',
    })
  }
  const { run, end } = await startFlow(target, params)
  end.catch((error: Error) => printLog('error', `Run ${run.id} could not go on: ${error.message}`, null))
  return { id: run.id }
}

async function startFlow(definition: FlowDefinition, params: unknown): Promise<Started> {
  const text = params === undefined ? null : encode(params, { code: 'ARGUMENT_NOT_STORABLE' })
  // Wrong params are refused before there is a run, and a title has the defaults in it.
  const title = titleOf(definition.options.runName, await parseParams(definition, params))
  return start({ kind: 'flow', name: definition.name }, text, title, definition)
}

const result = async (run: string): Promise<unknown> => resultOf(await runtime(), run)

interface Started {
  readonly run: Run
  readonly end: Promise<RunEnd>
}

async function start(
  target: RunTarget & { name: string },
  params: string | null,
  title: string | null,
  definition: unknown,
): Promise<Started> {
  const { project, settings, store, values, owner } = await runtime()
  const self = await owner()
  const entry = process.argv[1] ? entryOf(project.root, resolve(process.argv[1])) : null
  const resumes = process.env['SLUICE_RESUME'] !== 'never'
  const before = resumes ? await store.runs.resumable({ kind: target.kind, name: target.name, params, entry }) : null
  const fresh: Run = newRun({ target, params, title, entry, tags: tagsOf(definition), now: Date.now() })
  const run = await claimRun(store, before ?? fresh, self, null, Date.now())
  if (before) printResume(run, await store.steps.counts(run.id))
  const started = performance.now()
  const isolate = lazyIsolate(project)
  const end = closing(
    isolate,
    executeRun({
      store,
      run,
      fresh: before === null,
      values,
      configured: settings.configured,
      definitions: collect([definition]),
      isolate,
      onLog: ({ level, message, data }) => printLog(level, message, data),
      ...(settings.config.concurrency !== undefined && { concurrency: settings.config.concurrency }),
    }),
  )
  return {
    run,
    end: end.then(async (ended) => {
      printEnd(run, ended, performance.now() - started)
      if (ended.state === 'succeeded') {
        await collectAfterRun({ store, values, run: run.id, config: settings.config, home: project.home })
      }
      return ended
    }),
  }
}

function tagsOf(definition: unknown): Record<string, string> {
  const { tags } = (definition as { options: { tags?: readonly string[] } }).options
  return Object.fromEntries((tags ?? []).map((tag) => [tag, '']))
}

function outcomeOf(end: RunEnd): unknown {
  if (end.state === 'succeeded') return end.value
  throw end.error
}

/** The end of a run, once the processes that it started are gone. */
async function closing(isolate: { close(): Promise<void> }, executing: Promise<RunEnd>): Promise<RunEnd> {
  try {
    return await executing
  } finally {
    await isolate.close()
  }
}

/** Processes for isolated steps: started with the first one, ended with the run. */
function lazyIsolate(project: Project): { run: import('@sluice/engine').Isolate['run']; close(): Promise<void> } {
  let steps: ReturnType<typeof import('@sluice/worker').isolatedSteps> | undefined
  return {
    async run(call) {
      const script = process.argv[1]
      if (!script)
        throw new SluiceError('ISOLATED_CALL', 'A step in a process of its own needs a file to load its code from.')
      const { isolatedSteps } = await import('@sluice/worker')
      steps ??= isolatedSteps({ entries: [resolve(script)], root: project.root })
      return steps.run(call)
    },
    close: async () => steps?.close(),
  }
}

async function load(asset: AnyAsset, partition: string | undefined): Promise<unknown> {
  const { store, values } = await runtime()
  return await loadAsset(store, values, asset, partition)
}

const partitions: Calls['partitions'] = (name) => ({
  add: async (keys) => dynamicKeys((await runtime()).store, name).add(keys),
  remove: async (keys) => dynamicKeys((await runtime()).store, name).remove(keys),
  keys: async () => dynamicKeys((await runtime()).store, name).keys(),
})
