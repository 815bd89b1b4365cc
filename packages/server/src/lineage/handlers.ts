import type { AssetSnapshot } from '@sluice/core'
import { assetStatuses, lineageOf } from '@sluice/engine'
import { selectedOf } from '../assets/selected.ts'
import type { Context } from '../context.ts'
import type { HandlersOf } from '../http/handlers.ts'
import { findRun } from '../runs/handlers.ts'

export const lineageHandlers: HandlersOf<'lineage'> = {
  async get(context, { selection, run, most }) {
    const made = run === undefined ? null : await madeBy(context, run)
    const selected = await selectedOf(context, selection)
    const chosen = made ? selected.filter(({ definition }) => made.has(definition.name)) : selected
    const each = Map.groupBy(chosen, ({ location }) => location)
    const found = await Promise.all(
      each.entries().map(async ([location, its]) => {
        const states = await statesOf(context, location, its)
        return its.map((one) => {
          const all = states?.[one.definition.name] ?? []
          // What has no partitions is in one state: the most urgent.
          return { ...one, states: one.definition.partitions === null ? all.slice(0, 1) : all }
        })
      }),
    )
    return lineageOf(found.flat(), most)
  },
}

async function madeBy(context: Context, id: string): Promise<ReadonlySet<string>> {
  const { target } = await findRun(context, id)
  return new Set(target.kind === 'assets' ? target.assets : [])
}

async function statesOf(
  { locations, states, store, now }: Context,
  location: string,
  chosen: readonly { readonly definition: AssetSnapshot }[],
) {
  const code = (await locations.active()).find((one) => one.location === location)
  const among = new Set(chosen.map(({ definition }) => definition.name))
  // Its code may have gone meanwhile.
  return code && (await assetStatuses(store, states, { assets: code.snapshot.assets, location, now: now(), among }))
}
