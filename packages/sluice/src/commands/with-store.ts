import { type Run, SluiceError } from '@sluice/core'
import type { Store } from '@sluice/engine/store'
import { type Project, findProject } from '../project/project.ts'
import { hasStore, openStore } from './supervise/store.ts'

/** Runs with the store of the project that the person is in, and closes it. */
export async function withStore<T>(use: (store: Store, project: Project) => Promise<T>): Promise<T> {
  const project = findProject(process.cwd())
  const store = await openStore(project)
  try {
    return await use(store, project)
  } finally {
    await store.close()
  }
}

/** The same where nothing may be made by looking: gives `nothing` where there is no store yet. */
export async function ifStored<T>(nothing: T, use: (store: Store, project: Project) => Promise<T>): Promise<T> {
  return hasStore(findProject(process.cwd())) ? withStore(use) : nothing
}

/** The run with this id or the beginning of it; `latest` is the newest. */
export async function findRun(store: Store, id: string): Promise<Run> {
  const run = await store.runs.find(id)
  if (run) return run
  const [newest] = await store.runs.list({ limit: 1 })
  if (!newest) throw noRuns()
  const many = (await store.runs.list({ text: id, limit: 3 })).filter((one) => one.id.startsWith(id))
  if (many.length > 1)
    throw new SluiceError('RUN_UNKNOWN', `Several runs begin with ${id}.`, {
      hint: `Give more of it: ${many.map((one) => one.id).join(', ')}.`,
    })
  throw new SluiceError('RUN_UNKNOWN', `There is no run ${id}.`, {
    hint: `sluice runs list shows all; the newest is ${newest.id}.`,
  })
}

export function noRuns(): SluiceError {
  return new SluiceError('RUN_UNKNOWN', 'There are no runs here yet.', { hint: 'sluice run FILE starts one.' })
}

/** The run of an id, for commands that only look. */
export async function lookAt<T>(id: string, use: (store: Store, run: Run, project: Project) => Promise<T>): Promise<T> {
  if (!hasStore(findProject(process.cwd()))) throw noRuns()
  return withStore(async (store, project) => use(store, await findRun(store, id), project))
}
