import { createHash } from 'node:crypto'
import { SluiceError } from '@sluice/core'
import type { Context } from '../context.ts'
import type { HandlersOf } from '../http/handlers.ts'
import { keyOf, pageByKey, pageOf } from '../http/page.ts'

export const workerHandlers: HandlersOf<'workers'> = {
  async list({ store }, asked) {
    const { page, next } = pageByKey(await store.workers.list(), asked, (it) => keyOf(it.pool, it.name, it.id))
    return {
      next,
      workers: await Promise.all(
        page.map(async (worker) => ({
          ...worker,
          versions: Object.fromEntries(Object.entries(worker.versions).map(([name, its]) => [name, [...its]])),
          runs: (await store.runs.ofOwner(worker.id)).map(({ id }) => id),
        })),
      ),
    }
  },
  async logs({ store }, { worker: name, cursor: after = 0, limit }) {
    const found = await store.logs.list({ run: `@${name}`, after, limit: limit + 1 })
    const { page, next } = pageOf(found, limit, (line) => line.id)
    if (found.length === 0 && after === 0 && !(await store.workers.list()).some((worker) => worker.name === name)) {
      throw new SluiceError('NOT_FOUND', `No worker called "${name}" has ever said anything.`, {
        hint: 'sluice workers list shows who is connected.',
      })
    }
    return { lines: page.map(({ id, at, level, message }) => ({ id, at, level, message })), next }
  },
}

export const queueHandlers: HandlersOf<'queue'> = {
  async pools({ store }, asked) {
    const [counts, workers] = await Promise.all([store.queue.counts(), store.workers.list()])
    const all = [...new Set([...counts.map(({ pool }) => pool), ...workers.map(({ pool }) => pool)])]
    const { page, next } = pageByKey(all, asked, (pool) => pool)
    const limits = await store.slots.summary({ names: page.map((pool) => `pool:${pool}`) })
    const pools = page.map((pool) => {
      const of = (state: string): number => counts.find((one) => one.pool === pool && one.state === state)?.count ?? 0
      return {
        pool,
        slots: workers.reduce((sum, one) => sum + (one.pool === pool && !one.draining ? one.slots : 0), 0),
        held: limits.find(({ name }) => name === `pool:${pool}`)?.held ?? 0,
        ready: of('ready'),
        later: of('later'),
        blocked: of('blocked'),
        delivered: of('delivered'),
      }
    })
    return { pools, next }
  },
  async limits({ store }, { cursor, limit }) {
    const [name = '', key = ''] = cursor?.split('\n') ?? []
    const after = cursor === undefined ? {} : { after: { name, key } }
    const rows = await store.slots.summary({ ...after, pools: false, limit: limit + 1 })
    const { page, next } = pageOf(rows, limit, (one) => keyOf(one.name, one.key ?? ''))
    const limits = page.map(async (one) => ({
      ...one,
      holders: (await store.slots.held({ name: one.name, key: one.key, limit: 20 })).map(({ run }) => run),
    }))
    return { limits: await Promise.all(limits), next }
  },
}

export const locationHandlers: HandlersOf<'locations'> = {
  async list({ locations }, asked) {
    const [all, active] = await Promise.all([locations.list(), locations.active()])
    const { page, next } = pageByKey(all, asked, ({ name }) => name)
    return {
      next,
      locations: page.map((one) => {
        const snapshot = active.find(({ location }) => location === one.name)?.snapshot
        const counts = snapshot
          ? Object.fromEntries(
              Object.entries(snapshot).flatMap(([noun, list]) => (Array.isArray(list) ? [[noun, list.length]] : [])),
            )
          : null
        return { ...one, counts }
      }),
    }
  },
  async snapshot({ locations, store }, { location, version }) {
    if (version === undefined) {
      const active = await locations.get(location)
      return { version: active.version, definitions: active.snapshot }
    }
    const found = await store.locations.version(location, version)
    if (found) return { version, definitions: found.snapshot }
    throw new SluiceError('NOT_FOUND', `"${location}" has no version ${version}.`, {
      hint: 'sluice locations versions lists them.',
    })
  },
  async versions({ store }, { location, cursor, limit }) {
    const [, createdAt, version] = /^(\d{1,15}) (.+)$/s.exec(cursor ?? '') ?? []
    const before = version === undefined ? {} : { before: { createdAt: Number(createdAt), version } }
    const rows = await store.locations.versions(location, { ...before, limit: limit + 1 })
    const { page: versions, next } = pageOf(rows, limit, (it) => `${it.createdAt} ${it.version}`)
    return { versions, next }
  },
  async register({ locations, store }, { location, body }) {
    const { definitions: snapshot, bundle, ...rest } = body
    if (bundle !== null) await checkBundle(store, bundle)
    await locations.register({ location, snapshot, ...rest }, bundle)
    return { version: body.version }
  },
  async activate({ locations, connections }, { location, body }) {
    await locations.activate(location, body.version)
    await connections.fetchActive()
    return { active: body.version }
  },
}

export const bundleHandlers: HandlersOf<'bundles'> = {
  async get({ store }, { bundle, piece }) {
    return { base64: await store.blobs.piece(blobOf(bundle), piece) }
  },
  async put({ store }, { bundle, piece, body }) {
    await store.commit([{ change: 'blob.put', ref: blobOf(bundle), piece, text: body.base64 }])
    return { bundle }
  },
}

const blobOf = (bundle: string): string => `bundles/${bundle}`

/** What was uploaded under this name is what the name says. */
async function checkBundle({ blobs }: Context['store'], bundle: string): Promise<void> {
  const hash = createHash('sha256')
  for (let piece = 0; ; piece++) {
    const base64 = await blobs.piece(blobOf(bundle), piece)
    if (base64 === null) break
    hash.update(Buffer.from(base64, 'base64'))
  }
  if (hash.digest('hex') === bundle) return
  throw new SluiceError('REQUEST_INVALID', `The bundle ${bundle.slice(0, 12)} was not uploaded, or not all of it.`, {
    hint: 'Upload every piece of it first, then register the version: sluice deploy does so.',
  })
}

export const serverHandlers: HandlersOf<'server'> = {
  health({ connections, version, startedAt, problems }: Context) {
    const found = [...problems()]
    return Promise.resolve({
      ok: found.length === 0,
      version,
      startedAt,
      workers: connections.count,
      problems: found,
    })
  },
}
