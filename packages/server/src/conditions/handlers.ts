import { SluiceError } from '@sluice/core'
import { wholeGraph, entityOf, whyAsset } from '@sluice/engine'
import type { HandlersOf } from '../http/handlers.ts'
import { keyOf, pageByKey, pageOf } from '../http/page.ts'

export const conditionHandlers: HandlersOf<'conditions'> = {
  async list({ locations, store }, { location, ...asked }) {
    const graph = wholeGraph(await locations.active())
    const all = graph.ordered.filter(
      ({ condition, asset }) => condition && (location === undefined || asset.location === location),
    )
    const { page, next } = pageByKey(all, asked, ({ asset, check }) => keyOf(asset.name, check?.name ?? ''))
    const pauses = new Map((await store.conditions.pauses()).map(({ entity, paused }) => [entity, paused]))
    const allPaused = pauses.get('') ?? false
    const latest = new Map(
      (await store.conditions.latest(page.map(({ id }) => id))).map((one) => [one.entity, one] as const),
    )
    const conditions = page.map(({ id, asset, check, condition }) => {
      const { at, run, error, requested } = latest.get(id) ?? {}
      return {
        location: asset.location ?? '',
        asset: asset.name,
        check: check?.name ?? null,
        label: condition!.label ?? condition!.op,
        paused: pauses.get(id) ?? allPaused,
        overridden: pauses.has(id),
        latest: at === undefined ? null : { at, run: run ?? null, error: error ?? null, requested: requested ?? false },
      }
    })
    return { conditions, paused: allPaused, count: all.length, next }
  },
  async pause({ locations, store }, { body: { asset, check, paused } }) {
    const pauses = new Map((await store.conditions.pauses()).map((one) => [one.entity, one.paused]))
    if (asset === undefined) {
      if (check !== undefined) throw new SluiceError('REQUEST_INVALID', 'A check is one of an asset: say of which.')
      await store.commit([{ change: 'conditions.pause', entity: '', paused: paused ? true : null }])
      return { paused }
    }
    const { id, condition } = entityOf(wholeGraph(await locations.active()), { asset, check })
    if (!condition)
      throw new SluiceError('CONFLICT', `"${id}" has no condition: there is nothing to pause.`, {
        hint: 'sluice conditions list shows those that have one.',
      })
    const isAsAll = paused === (pauses.get('') ?? false)
    await store.commit([{ change: 'conditions.pause', entity: id, paused: isAsAll ? null : paused }])
    return { paused }
  },
  async why({ locations, store, now }, asked) {
    const { says, lines, ...why } = await whyAsset(store, await locations.active(), { ...asked, now: now() })
    return { ...why, says: [...says], lines: [...lines] }
  },
  async history({ locations, store }, { asset, check, cursor: before, limit }) {
    const { id: entity } = entityOf(wholeGraph(await locations.active()), { asset, check })
    const rows = await store.conditions.evaluations({
      entity,
      limit: limit + 1,
      ...(before !== undefined && { before }),
    })
    const { page, next } = pageOf(rows, limit, ({ id }) => id)
    return { evaluations: page.map(({ entity: _, ...one }) => one), next }
  },
}
