import type { Store } from '@sluice/engine/store'
import { type AssetSnapshot, SluiceError } from '@sluice/core'
import { type Project, findProject } from '../../project/project.ts'
import { environmentOf } from '../options.ts'
import { type Location, locate, locateAgain } from '../supervise/location.ts'
import { lookInto } from '../supervise/look.ts'

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

/** What the code here says of it; `undefined` where there is none. */
export async function definitionOf(
  name: string,
  file: string | undefined,
  options: { readonly env?: string },
): Promise<AssetSnapshot | undefined> {
  if (file === undefined && !findProject(process.cwd()).configFile) return undefined
  const location = locate(file)
  return lookInto({ location, environment: environmentOf(options), describing: true }, ({ description }) =>
    Promise.resolve(description.definitions.assets.find((one) => one.name === name)),
  )
}
