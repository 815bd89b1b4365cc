import { type Run, type StoredError, SluiceError } from '@sluice/core'
import type { Adopt } from '@sluice/engine'
import type { Change, Store } from '@sluice/engine/store'
import type { Child, Exit, Description, RunAnswer } from '@sluice/worker'
import type { RunView } from '../../terminal/view.ts'
import { exitCodes, isOfDefinitions } from '../exit-codes.ts'
import { onInterrupt } from './interrupts.ts'
import type { Location } from './location.ts'

/** A run that is to be claimed: a new one, or a crashed one that goes on. */
export interface Planned {
  readonly run: Run
  readonly isNew: boolean
  /** Whose successes it begins with, where not those of the run that it tries again. */
  readonly adopt?: Adopt | null
  /** How many steps an asset run has, where that is known. */
  readonly total?: number
}

/** What executing a run takes. */
export interface Means {
  readonly child: Child
  readonly store: Store
  readonly view: RunView
  readonly location: Location
  readonly environment: string
  readonly description: Description
}

/** Executes a run to its end, and gives the exit code. */
export async function execute(means: Means, planned: Planned): Promise<{ run: Run; exitCode: number }> {
  const { child, store, view, location } = means
  const [{ claimRun }, { holdOwner }] = await Promise.all([import('@sluice/engine'), import('@sluice/storage')])
  if (planned.isNew) await checkReady(means, planned)
  const owner = holdOwner(location.project.home)
  try {
    const run = await claimRun(
      store,
      planned.run,
      owner.id,
      means.description.graph.codeVersion,
      Date.now(),
      planned.adopt,
    )
    await view.started(run, { ...planned, steps: store.steps })
    const stopListening = onInterrupt({
      first: () => {
        view.canceling()
        // Where the store cannot take it, the word to the child does.
        store.commit([{ change: 'run.cancel', run: run.id, at: Date.now() }]).catch(() => {})
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

/** Nothing is left behind by a run that could not begin. */
async function checkReady({ child, environment, location }: Means, { run: { target } }: Planned): Promise<void> {
  if (!('assets' in target)) return
  const { configFile: config = null } = location.project
  await child.ask({ request: 'ready', assets: target.assets, environment, config })
}

/** What became of the run. A death of its process is recorded here, with how and in the middle of what. */
async function ask(
  { child, store, view, location, environment }: Means,
  run: Run,
  planned: Planned,
): Promise<RunAnswer> {
  const { configFile } = location.project
  const fresh = planned.isNew && planned.run.retryOf === null
  try {
    const answer = (await child.ask({
      request: 'run',
      run,
      fresh,
      environment,
      config: configFile ?? null,
      values: 'files',
    })) as RunAnswer
    if (answer.state === 'stopped') await recordEnd(store, run, `it was stopped: ${answer.error.message}`)
    return answer
  } catch (error) {
    const { toStoredError } = await import('@sluice/core')
    if ((error as { code?: string }).code === 'CHILD_EXITED')
      await recordEnd(store, run, describeExit(await child.exited, view.inFlight()))
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
  const end: Change = {
    change: 'run.end',
    run: run.id,
    epoch: run.epoch,
    state: 'failed',
    error,
    result: null,
    at: Date.now(),
  }
  await store.commit([end])
}

function describeExit({ code, signal }: Exit, inFlight: readonly string[]): string {
  const how = signal === null ? `its process ended with exit code ${code}` : `its process was ended by ${signal}`
  if (inFlight.length === 0) return how
  const names = inFlight.slice(0, 5).join(', ')
  return `${how}, in the middle of ${names}${inFlight.length > 5 ? ` and ${inFlight.length - 5} more` : ''}`
}

/** How a run ended, for the shell. */
export function exitCodeFor({ state }: Run, answer: RunAnswer): number {
  if (state === 'succeeded') return exitCodes.ok
  if (state === 'canceled') return exitCodes.canceled
  if (answer.state === 'succeeded') throw new SluiceError('INTERNAL', `A run that succeeded is recorded as ${state}.`)
  if (answer.error.code.startsWith('STORE_')) return exitCodes.store
  if (state === 'crashed') return exitCodes.failed
  return isOfDefinitions(answer.error) ? exitCodes.definitions : exitCodes.failed
}
