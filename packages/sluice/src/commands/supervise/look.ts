import type { Store } from '@sluice/engine/store'
import type { Child, Description } from '@sluice/worker'
import { loadTimeoutGiven } from './session.ts'
import type { Location } from './location.ts'

export interface Looking {
  readonly child: Child
  readonly description: Description
}

export interface LookOptions {
  readonly location: Location
  readonly environment: string
  /** Note what the code reads from the environment, and let what is missing pass. */
  readonly describing?: boolean
  /** Served to the child. */
  readonly store?: Store
}

/** Loads the code in a child, to look at it: no run, and a store only where one is given. */
export async function lookInto<T>(
  { location, environment, describing = false, store }: LookOptions,
  use: (looking: Looking) => Promise<T>,
): Promise<T> {
  const { startChild } = await import('@sluice/worker')
  const { project, entries } = location
  const loadTimeout = loadTimeoutGiven()
  const child = startChild({
    entries,
    describing,
    root: project.root,
    home: project.home,
    env: { ...process.env, SLUICE_ENV: environment },
    onOutput: (text) => void process.stderr.write(text),
    ...(store && { store }),
    ...(loadTimeout > 0 && { loadTimeout }),
  })
  try {
    await child.loaded
    const config = describing ? (project.configFile ?? null) : null
    const description = (await child.ask({ request: 'describe', environment, config })) as Description
    return await use({ child, description })
  } finally {
    await child.stop(2000)
  }
}
