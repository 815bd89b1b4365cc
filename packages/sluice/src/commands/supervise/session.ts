import type { Run } from '@sluice/core'
import type { Store } from '@sluice/engine/store'
import type { Description, Prepared, Told } from '@sluice/worker'
import { makeHome } from '../../project/project.ts'
import type { RunView } from '../../terminal/view.ts'
import { type Planned, execute } from './execute.ts'
import type { Location } from './location.ts'
import { openStore, watched } from './store.ts'

export interface SessionOptions {
  readonly location: Location
  readonly environment: string
  readonly inspect?: boolean | string
  readonly view: RunView
}

/** One child with the code loaded, over the store that this process owns. */
export interface Session {
  readonly location: Location
  readonly store: Store
  readonly description: Description
  prepare(request: {
    kind: 'flow' | 'task'
    name: string
    job: string | null
    params: unknown
    texts: Readonly<Record<string, string>>
    partition?: string
  }): Promise<Prepared>
  /** Executes a run to its end, and gives the exit code. */
  execute(planned: Planned): Promise<{ readonly run: Run; readonly exitCode: number }>
  close(): Promise<void>
}

/** Starts loading the code at once, and opens the store meanwhile. */
export async function openSession({ location, environment, inspect, view }: SessionOptions): Promise<Session> {
  const { startChild } = await import('@sluice/worker')
  const { project, entries } = location
  // Before anything is started that would write there.
  makeHome(project.home)
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
  openStore(project, { environment }).then(resolve, reject)
  const close = async (): Promise<void> => {
    await child.stop(2000)
    await opening.then(
      (store) => store.close(),
      () => {},
    )
  }
  try {
    await child.loaded
    const config = project.configFile ?? null
    const description = (await child.ask({ request: 'describe', environment, config })) as Description
    const store = await opening
    return {
      location,
      store,
      description,
      close,
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
