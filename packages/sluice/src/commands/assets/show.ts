import { assetDetail, openAssetStates } from '@sluice/engine'
import type { Store } from '@sluice/engine/store'
import type { Project } from '../../project/project.ts'
import type { System, SystemOptions } from '../../system/system.ts'
import { json, output } from '../../terminal/terminal.ts'
import { environmentOf } from '../options.ts'
import { lookInto } from '../supervise/look.ts'
import { withStore } from '../with-store.ts'
import { codeOf } from './code-of.ts'
import { namedServer } from './named-server.ts'
import { type Facts, assetPage } from './page.ts'

export interface ShowOptions extends SystemOptions {
  readonly partitions?: boolean
  readonly env?: string
  readonly json?: boolean
}

/** `sluice assets show` */
export async function showAsset(name: string, file: string | undefined, options: ShowOptions): Promise<void> {
  const system = await namedServer(file, options)
  if (system) return show(await servedFacts(system, name), system.project.home, options)
  await withStore(async (store, project) => {
    show(await factsOf(store, name, file, options, project), project.home, options)
  })
}

function show(facts: Facts, home: string, options: ShowOptions): void {
  if (options.json) return json(facts)
  for (const line of assetPage(facts, home, options.server)) output.line(line)
}

/** What a server knows of it. */
async function servedFacts({ server, assets }: System, name: string): Promise<Facts> {
  const [{ asset, ...rest }, history] = await Promise.all([
    server!.client.assets.get({ asset: name }),
    assets.history(name, { limit: 10 }),
  ])
  const { definition, latest, records } = asset
  return { ...rest, definition, latest, records, history }
}

async function factsOf(
  store: Store,
  name: string,
  file: string | undefined,
  options: ShowOptions,
  project: Project,
): Promise<Facts> {
  const location = await codeOf(name, file, store, project)
  const { assets } = await lookInto(
    { location, environment: environmentOf(options), describing: true },
    ({ description }) => Promise.resolve(description.definitions),
  )
  const asked = { asset: name, assets, location: '', now: Date.now() }
  const [detail, history] = await Promise.all([
    assetDetail(store, openAssetStates(store), asked),
    store.assets.history(name, { limit: 10 }),
  ])
  return { ...detail, history }
}
