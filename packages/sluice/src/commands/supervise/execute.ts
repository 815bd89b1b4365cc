import { type Run, type StoredError, SluiceError } from '@sluice/core'
import type { Change, Store } from '@sluice/engine/store'
import type { Child, Exit, Description, Prepared, RunAnswer, Told } from '@sluice/worker'
import type { RunView } from '../../terminal/view.ts'
import { exitCodes, isOfDefinitions } from '../exit-codes.ts'
import { onInterrupt } from './interrupts.ts'
import type { Location } from './location.ts'
import { openStore, watched } from './store.ts'

export interface SessionOptions {
  readonly location: Location
  readonly environment: string
  readonly inspect?: boolean | string
  readonly view: RunView
}

/** A run that is to be claimed: a new one, or a crashed one that goes on. */
export interface Planned {
  readonly run: Run
  readonly isNew: boolean
  /** The run whose successes this one takes over. */
  readonly adopt?: string
  /** How many steps an asset run has, where that is known. */
  readonly total?: number
}

/** One child with the code loaded, over the store that this process owns. */
export interface Session {
  readonly location: Location
  readonly store: Store
  readonly description: Description
  prepare(request: { kind: 'flow' | 'task'; name: string; job: string | null; params: unknown; texts: Readonly<Record<string, string>> }): Promise<Prepared>
  /** Executes a run to its end, and gives the exit code. */
  execute(planned: Planned): Promise<{ readonly run: Run; readonly exitCode: number }>
  close(): Promise<void>
}

/** Starts loading the code at once, and opens the store meanwhile. */
export async function openSession({ location, environment, inspect, view }: SessionOptions): Promise<Session> {
  const { startChild } = await import('@sluice/worker')
  const { project, entries } = location
  const { promise: opening, resolve, reject } = Promise.withResolvers<Store>()
  opening.catch(() => {})
  const loadTimeout = loadTimeoutGiven()
  const child = startChild({
    entries,
    root: project.root,
    home: project.home,
    env: { ...process.env, SLUICE_ENV: environment },
    store: watched(opening, (changes) => view.committed(changes)),
    onOutput: (text, stream) => view.output(text, stream),
    onMessage: (told) => tell(view, told),
    onSlowLoad: () => view.note('warn', `${entries.join(', ')} is still loading.`),
    onBlocked: (ms) => view.blocked(ms),
    ...(inspect !== undefined && { inspect }),
    ...(loadTimeout > 0 && { loadTimeout }),
  })
  // The child is on its way before the rest is loaded here.
  openStore(project).then(resolve, reject)
  const close = async (): Promise<void> => {
    await child.stop(2000)
    await opening.then((store) => store.close(), () => {})
  }
  try {
    await child.loaded
    const description = (await child.ask({ request: 'describe' })) as Description
    const store = await opening
    return {
      location, store, description, close,
      prepare: async (request) => (await child.ask({ request: 'prepare', ...request })) as Prepared,
      execute: (planned) => execute({ child, store, view, location, environment, description }, planned),
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** Milliseconds; for tests of code that never finishes loading, and for code that is slow to load. */
export const loadTimeoutGiven = (): number => Number(process.env['SLUICE_LOAD_TIMEOUT'] ?? 0)

function tell(view: RunView, told: Told): void {
  if (told.message === 'log') view.logged(told.line)
  else view.note('warn', `A promise was rejected and nobody awaited it: ${told.error.message}`)
}

interface Means {
  readonly child: Child
  readonly store: Store
  readonly view: RunView
  readonly location: Location
  readonly environment: string
  readonly description: Description
}

async function execute(means: Means, planned: Planned): Promise<{ run: Run; exitCode: number }> {
  const { child, store, view, location } = means
  const [{ claimRun }, { holdOwner }] = await Promise.all([import('@sluice/engine'), import('@sluice/storage')])
  const owner = holdOwner(location.project.home)
  try {
    const run = await claimRun(store, planned.run, owner.id, means.description.graph.codeVersion, Date.now())
    if (planned.adopt !== undefined) await store.commit([{ change: 'run.adopt', run: run.id, epoch: run.epoch, from: planned.adopt }])
    await view.started(run, { ...planned, store })
    const stopListening = onInterrupt({
      first: () => {
        view.canceling()
        void store.commit([{ change: 'run.cancel', run: run.id, at: Date.now() }])
        child.cancel()
      },
      second: () => void child.kill(),
    })
    try {
      const answer = await ask(means, run, planned)
      const ended = (await store.runs.get(run.id)) ?? run
      await view.ended(ended, answer)
      return { run: ended, exitCode: exitCodeFor(ended, answer) }
    } finally {
      stopListening()
    }
  } finally {
    owner.release()
  }
}

/** What became of the run. A death of its process is recorded here, with how and in the middle of what. */
async function ask({ child, store, view, location, environment }: Means, run: Run, planned: Planned): Promise<RunAnswer> {
  const { configFile } = location.project
  const fresh = planned.isNew && planned.adopt === undefined
  try {
    const answer = (await child.ask({ request: 'run', run, fresh, environment, config: configFile ?? null })) as RunAnswer
    if (answer.state === 'stopped') await recordEnd(store, run, `it was stopped: ${answer.error.message}`)
    return answer
  } catch (error) {
    const { toStoredError } = await import('@sluice/core')
    if ((error as { code?: string }).code === 'CHILD_EXITED') await recordEnd(store, run, describeExit(await child.exited, view.inFlight()))
    else await recordFailure(store, run, toStoredError(error))
    return { state: 'stopped', error: toStoredError(error) }
  }
}

async function recordEnd(store: Store, run: Run, how: string): Promise<void> {
  const { afterCrash } = await import('@sluice/engine')
  try {
    const now = await store.runs.get(run.id)
    if (now && now.epoch === run.epoch) await store.commit([afterCrash(now, Date.now(), how)])
  } catch {
    // A store that fails is why it stopped: whoever opens it next finds that nobody holds the run.
  }
}

/** The child answered, with an error that is none of a step: the target is gone, or its resources cannot be opened. */
async function recordFailure(store: Store, run: Run, error: StoredError): Promise<void> {
  const end: Change = { change: 'run.end', run: run.id, epoch: run.epoch, state: 'failed', error, result: null, at: Date.now() }
  await store.commit([end])
}

function describeExit({ code, signal }: Exit, inFlight: readonly string[]): string {
  const how = signal === null ? `its process ended with exit code ${code}` : `its process was ended by ${signal}`
  if (inFlight.length === 0) return how
  const names = inFlight.slice(0, 5).join(', ')
  return `${how}, in the middle of ${names}${inFlight.length > 5 ? ` and ${inFlight.length - 5} more` : ''}`
}

function exitCodeFor({ state }: Run, answer: RunAnswer): number {
  if (state === 'succeeded') return exitCodes.ok
  if (state === 'canceled') return exitCodes.canceled
  if (answer.state === 'succeeded') throw new SluiceError('INTERNAL', `A run that succeeded is recorded as ${state}.`)
  if (answer.error.code.startsWith('STORE_')) return exitCodes.store
  return isOfDefinitions(answer.error) ? exitCodes.definitions : exitCodes.failed
}
