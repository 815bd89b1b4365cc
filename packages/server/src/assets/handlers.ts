import { type Axis, SluiceError } from '@sluice/core'
import {
  type Store,
  assetDetail,
  assetHealth,
  definitionHistory,
  locationOfAsset,
  renameAsset,
  reportAsset,
  statusOfPartitions,
  wipeAsset,
} from '@sluice/engine'
import type { Context } from '../context.ts'
import type { HandlersOf } from '../http/handlers.ts'
import { keyOf, pageByKey, pageOf } from '../http/page.ts'
import { domainNow, keysByPlace, placesOf } from './places.ts'
import { selectedOf } from './selected.ts'

/** How long a worker may take to read a value. */
const previewWithin = 30_000

async function findAsset({ locations }: Context, name: string) {
  const all = await locations.active()
  for (const code of all) {
    const definition = code.snapshot.assets.find((one) => one.name === name)
    if (definition) return { code, definition }
  }
  throw new SluiceError('ASSET_UNKNOWN', `No asset is called "${name}".`, { hint: 'sluice assets list shows all.' })
}

const dimOf = ({ name, spec, from, to, keyOf: textOf }: Axis) => ({
  name,
  kind: spec.kind,
  count: to - from,
  first: to > from ? textOf(from) : '',
  last: to > from ? textOf(to - 1) : '',
})

/** What is known of its data. */
const knownOf = (known: Awaited<ReturnType<Store['assets']['summary']>>[number] | undefined) => ({
  latest: known?.latest ?? null,
  records: known?.count ?? 0,
  partitions: known?.partitions ?? 0,
})

export const assetHandlers: HandlersOf<'assets'> = {
  async list(context, { selection, with: extra, ...asked }) {
    const { store, now } = context
    const { page, next } = pageByKey(await selectedOf(context, selection), asked, (one) =>
      keyOf(one.location, one.definition.name),
    )
    const names = page.map(({ definition }) => definition.name)
    const summary = new Map((await store.assets.summary(names)).map((one) => [one.asset, one]))
    const assets = page.map((one) => ({ ...one, ...knownOf(summary.get(one.definition.name)) }))
    if (extra === undefined) return { assets, next }
    const healthy = assets.map(async (one) => {
      const its = await assetHealth(store, one.definition, { isKnown: one.latest !== null, now: now() })
      return { ...one, health: its.health, freshness: its.freshness }
    })
    return { assets: await Promise.all(healthy), next }
  },
  async get(context, { asset: name }) {
    const { store, states, now } = context
    const { location, version, snapshot } = (await findAsset(context, name)).code
    const asked = { asset: name, assets: snapshot.assets, location, now: now() }
    const { definition, latest, records, made, slices, ...rest } = await assetDetail(store, states, asked)
    const its = (await store.locations.versions(location, { limit: 1001 })).find((one) => one.version === version)
    return {
      ...rest,
      asset: { location, definition, latest, records, partitions: made },
      code: { version, git: its?.git ?? null },
      upstream: [...rest.upstream],
      downstream: [...rest.downstream],
      slices: slices && { ...slices, missing: [...slices.missing] },
      checks: [...rest.checks],
      failedChecks: [...rest.failedChecks],
    }
  },
  async history({ store }, { asset, partition, kind, cursor: before, limit }) {
    const rows = await store.assets.history(asset, {
      limit: limit + 1,
      ...(partition !== undefined && { partition }),
      ...(kind !== undefined && { kind }),
      ...(before !== undefined && { before }),
    })
    const { page: records, next } = pageOf(rows, limit, ({ id }) => id)
    return { records, next }
  },
  async partitions(context, { asset, cursor: skip = 0, limit }) {
    const { store, states, now } = context
    const { code } = await findAsset(context, asset)
    const asked = { assets: code.snapshot.assets, location: code.location, asset, now: now(), skip, limit }
    const { domain, counts, ranges, total } = await statusOfPartitions(store, states, asked)
    const next = skip + ranges.length < total ? String(skip + ranges.length) : null
    return { dims: domain.axes.map(dimOf), counts, ranges: [...ranges], total, next }
  },
  async keys(context, { asset, cursor, from, ...asked }) {
    const { definition } = await findAsset(context, asset)
    return keysByPlace(await domainNow(context, definition), { ...asked, from: cursor ?? from })
  },
  async places(context, { asset, partition }) {
    const { definition } = await findAsset(context, asset)
    return { places: placesOf(await domainNow(context, definition), partition, asset) }
  },
  async made({ store }, { asset, cursor: after, limit }) {
    const rows = await store.assets.partitions(asset, { limit: limit + 1, ...(after !== undefined && { after }) })
    const { page: made, next } = pageOf(rows, limit, (key) => key)
    return { made, next }
  },
  async wipe(context, { asset, body: { partition, history } }) {
    const { store, now } = context
    const definition = await findAsset(context, asset).then(
      (found) => found.definition,
      () => undefined, // no code has it any more
    )
    return wipeAsset(store, { asset, definition, partition, history, at: now() })
  },
  async rename({ store, now }, { asset: from, body: { to, history } }) {
    await renameAsset(store, { from, to, history, at: now() })
    return { to }
  },
  async check({ store }, { asset, check, partition, cursor: before, limit }) {
    const rows = await store.checks.history(asset, check, {
      limit: limit + 1,
      ...(partition !== undefined && { partition }),
      ...(before !== undefined && { before }),
    })
    const { page: results, next } = pageOf(rows, limit, ({ id }) => id)
    return { results, next }
  },
  async definitions({ store }, { asset, location: given, cursor, limit }) {
    const location = given ?? (await locationOfAsset(store, asset))
    const [, createdAt, version] = /^(\d{1,15}) (.+)$/s.exec(cursor ?? '') ?? []
    const before = version === undefined ? undefined : { createdAt: Number(createdAt), version }
    const { versions, next } = await definitionHistory(store, { location, asset, before, limit })
    return {
      location,
      versions: versions.map((one) => ({ ...one, changes: [...one.changes] })),
      next: next && `${next.createdAt} ${next.version}`,
    }
  },
  async report(context, { asset, body }) {
    const { store, now } = context
    const { definition } = await findAsset(context, asset)
    return reportAsset(store, { definition, report: body, by: 'api', now: now() })
  },
  async preview(context, { asset, partition, limit }) {
    const { code } = await findAsset(context, asset)
    const request = { request: 'preview', asset, partition: partition ?? null, limit } as const
    return (await context.connections.ask(code.location, code.version, request, previewWithin)) as
      | { shape: 'rows'; rows: string; total: number | null }
      | { shape: 'value'; value: string }
  },
}

export const partitionHandlers: HandlersOf<'partitions'> = {
  async list({ store }, { name, cursor: after = 0, limit }) {
    const { page, next } = pageOf(await store.partitions.page(name, { after, limit: limit + 1 }), limit, ({ id }) => id)
    return { keys: page.map(({ key }) => key), next }
  },
  async add({ store, now }, { name, body }) {
    await store.commit([{ change: 'partitions.add', name, keys: body.keys, at: now() }])
    return { keys: await store.partitions.count(name) }
  },
  async remove({ store }, { name, body }) {
    await store.commit([{ change: 'partitions.remove', name, keys: body.keys }])
    return { keys: await store.partitions.count(name) }
  },
}
