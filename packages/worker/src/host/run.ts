import {
  type Configured,
  type Definitions,
  type Run,
  type Settings,
  SluiceError,
  collect,
  installCalls,
  settingsOf,
  toStoredError,
} from '@sluice/core'
import { type Store, connectStore, ipcChannel } from '@sluice/engine/store'
import { isolatedSteps } from '../isolate.ts'
import type { RunAnswer, RunRequest, Told } from '../messages.ts'
import type { Program } from './host.ts'
import { markOutput } from './mark-output.ts'
import { shownPath } from './shown-path.ts'

let ofThisProcess: Store | undefined
/** A process has one, for all the runs that it executes after each other. */
const theStore = (): Store => (ofThisProcess ??= connectStore(ipcChannel(process, 'store')))

/** Executes one run to its end. The engine is loaded by the first: a process for one step needs none of it. */
export async function performRun(
  program: Program,
  request: RunRequest,
  signal: AbortSignal,
  tell: (told: Told) => void,
): Promise<RunAnswer> {
  const engine = await import('@sluice/engine')
  const { entries, root, home } = program
  const settings = await settingsFor(program, request)
  const definitions = collect(program.exports)
  const store = theStore()
  const [files, stored] = [engine.files(), engine.storeValues(store)]
  const fallback = request.values === 'store' ? stored : files
  const values = engine.openValuePlaces({
    values: settings.values ?? fallback,
    results: fallback,
    besides: [files, stored],
    root,
    home,
    readOnly: false,
  })
  const isolate = isolatedSteps({ entries, root, home })
  const before = installCalls(
    engine.createCalls({
      ...refusingCalls,
      log: (level, message) =>
        tell({ message: 'log', line: { at: Date.now(), step: 0, attempt: 0, level, message, data: null } }),
      load: (asset, partition) => engine.loadAsset(store, values, asset, partition),
      partitions: (name) => engine.dynamicKeys(store, name),
    }),
  )
  const stopMarking = request.marks ? markOutput() : () => {}
  try {
    const { concurrency } = settings.config
    const end = await engine.executeRun({
      store,
      values,
      isolate,
      signal,
      run: request.run,
      fresh: request.fresh,
      definitions,
      codeVersions: program.codeVersions,
      configured: [...settings.configured, ...configuredByJob(definitions, request.run)],
      onLog: ({ at, step, attempt, level, message, data }) =>
        tell({ message: 'log', line: { at, step, attempt, level, message, data } }),
      ...(concurrency !== undefined && { concurrency }),
    })
    if (end.state === 'succeeded') {
      await engine.collectAfterRun({ store, values, run: request.run.id, config: settings.config, home })
      return { state: end.state, result: end.result }
    }
    return { state: end.state, error: toStoredError(end.error) }
  } finally {
    stopMarking()
    installCalls(before)
    await isolate.close()
    await engine.closeProcessResources()
    await values.close()
  }
}

/** What a job configures counts over what the environment says; a run remembers its job by a tag. */
function configuredByJob({ jobs }: Definitions, { tags }: Run): readonly Configured[] {
  const name = tags['sluice/job']
  return (name === undefined ? undefined : jobs.get(name)?.options.with) ?? []
}

/** What `sluice.config.ts` says for one environment. */
export async function settingsFor(
  program: Program,
  { config, environment }: Pick<RunRequest, 'config' | 'environment'>,
): Promise<Settings> {
  if (config === null) return { config: {}, configured: [], values: undefined, alerts: undefined }
  const { module } = await program.loader.loadEntry(config)
  return settingsOf(module['default'], environment, shownPath(config))
}

/** Calls that no step makes: what a file left running when it was loaded. */
const refuse = (what: string): Promise<never> =>
  Promise.reject(
    new SluiceError('RUN_REQUIRED', `${what} was called outside of the run that this process executes.`, {
      hint: 'Call it in a flow. What should happen in a script goes under `if (import.meta.main) { … }`.',
    }),
  )
export const refusingCalls = {
  task: ({ name }: { name: string }) => refuse(`Task "${name}"`),
  flow: ({ name }: { name: string }) => refuse(`Flow "${name}"`),
}
