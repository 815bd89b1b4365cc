import type { Store } from '@sluice/engine/store'
import { SluiceError } from '@sluice/core'
import type { Project } from '../../project/project.ts'
import { type Location, locate, locateAgain } from '../supervise/location.ts'

/** Where the code of an asset is: the file that was given, the configuration's, or the one that made it last. */
export async function codeOf(
  asset: string,
  file: string | undefined,
  store: Store,
  project: Project,
): Promise<Location> {
  if (file !== undefined) return locate(file)
  if (project.configFile) return locate(undefined)
  const [newest] = await store.assets.history(asset, { limit: 1 })
  const run = newest ? await store.runs.get(newest.run) : null
  if (run) return locateAgain(project, run.entry)
  throw new SluiceError('ASSET_UNKNOWN', `There is no asset "${asset}" in the store, and no file says what it is.`, {
    hint: `sluice assets show ${asset} FILE`,
  })
}
