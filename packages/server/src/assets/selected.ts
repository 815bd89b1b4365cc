import { selectedAssets, statusesFor } from '@sluice/engine'
import type { Context } from '../context.ts'

/** The assets of a selection in every location; a name has to be known in one of them. */
export async function selectedOf({ locations, states, store, now }: Context, selection: string) {
  const unknown: unknown[] = []
  const each = (await locations.active()).map(async ({ location, snapshot }) => {
    const statuses = await statusesFor(store, states, { snapshot, location, selection, now: now() })
    try {
      const assets = selectedAssets(snapshot, selection, { external: true, location, statuses })
      return assets.map((definition) => ({ location, definition }))
    } catch (error) {
      if ((error as { code?: string }).code !== 'ASSET_UNKNOWN') throw error
      unknown.push(error)
      return []
    }
  })
  const found = await Promise.all(each)
  if (unknown.length > 0 && unknown.length === found.length) throw unknown[0]
  return found.flat()
}
