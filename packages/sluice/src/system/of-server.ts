import { pages } from '@sluice/api/client'
import type { Json, SluiceEvent } from '@sluice/core'
import type { Project } from '../project/project.ts'
import type { ServerOf, System } from './system.ts'

/** A server, by its API. */
export function systemOfServer(server: ServerOf, project: Project): System {
  const { client } = server
  const find = (run: string) => orNull(client.runs.get({ run }).then(({ run: found }) => found))
  return {
    project,
    server,
    runs: {
      find,
      get: find,
      async list({ states, before, ...query }) {
        const given = { ...query, ...(states && { states: states.join(',') }), ...cursorOf(before) }
        return (await client.runs.list(given)).runs
      },
    },
    steps: {
      async list(run, { after = 0, limit = 5000 } = {}) {
        return (await client.runs.steps({ run, ...cursorOf(after), limit })).steps
      },
      async get(run, step) {
        const [found] = (await client.runs.steps({ run, ...cursorOf(step - 1), limit: 1 })).steps
        return found?.step === step ? found : null
      },
      counts: async (run) => (await client.runs.get({ run })).steps,
    },
    logs: { list: async ({ after, ...query }) => (await client.runs.logs({ ...query, ...cursorOf(after) })).lines },
    checks: {
      latest: async (asset) => (await client.assets.get({ asset })).checks,
      ofRun: (run, { after } = {}) =>
        all(pages(client.runs.checks, { run, ...cursorOf(after), limit: 1000 }), ({ checks }) => checks),
    },
    events: {
      async list({ run, after = 0, limit = 1000 }) {
        const events: SluiceEvent[] = []
        while (events.length < limit) {
          const size = Math.min(1000, limit - events.length)
          const last = events.at(-1)?.id ?? after
          const query = { limit: size, ...(last > 0 && cursorOf(last)), ...(run !== undefined && { run }) }
          const page = (await client.events.list(query)).events
          events.push(...page)
          if (page.length < size) break
        }
        return events
      },
    },
    assets: {
      async history(asset, { partition, before, limit = 50, ...query } = {}) {
        const given = { ...query, ...cursorOf(before), ...(typeof partition === 'string' && { partition }), limit }
        return (await client.assets.history({ asset, ...given })).records
      },
      ofRun: async (run, { after, limit = 1000 } = {}) =>
        (await client.runs.made({ run, ...cursorOf(after), limit })).records,
      partitions: (asset) => all(pages(client.assets.made, { asset, limit: 10_000 }), ({ made }) => made),
    },
    partitions: { keys: (name) => all(pages(client.partitions.list, { name, limit: 10_000 }), ({ keys }) => keys) },
    why: ({ id }) => client.runs.why({ run: id }),
    whyAsset: (asked) => client.conditions.why(asked),
    async cancel({ id }) {
      await client.runs.cancel({ run: id })
    },
    async answer({ run, name, value, by }) {
      await client.runs.answer({ run, body: { request: name, value: value as Json, by } })
    },
    acknowledged: async () => (await client.failures.acknowledged()).acknowledged,
    async acknowledge(body) {
      await client.failures.acknowledge({ body })
    },
    async addKeys({ name, keys }) {
      await client.partitions.add({ name, body: { keys: [...keys] } })
    },
    async removeKeys({ name, keys }) {
      await client.partitions.remove({ name, body: { keys: [...keys] } })
    },
    async wipe({ asset, partition, history }) {
      const body = { history, ...(partition !== undefined && { partition }) }
      return (await client.assets.wipe({ asset, body })).partitions
    },
    async rename({ from: asset, ...body }) {
      await client.assets.rename({ asset, body })
    },
    report: ({ asset, body }) => client.assets.report({ asset, body }),
    close: () => Promise.resolve(),
  }
}

const cursorOf = (after: string | number | undefined) => (after === undefined ? {} : { cursor: String(after) })

/** The rows of all pages. */
export async function all<P, T>(pages: AsyncIterable<P>, rowsOf: (page: P) => readonly T[]): Promise<T[]> {
  const rows: T[] = []
  for await (const page of pages) rows.push(...rowsOf(page))
  return rows
}

async function orNull<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked
  } catch (error) {
    if ((error as { code?: string }).code === 'NOT_FOUND') return null
    throw error
  }
}
