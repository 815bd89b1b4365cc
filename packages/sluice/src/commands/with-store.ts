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
  return (await hasStore(findProject(process.cwd()))) ? withStore(use) : nothing
}
