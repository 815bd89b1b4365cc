import { queryOptions } from '@tanstack/react-query'
import { client } from '../frame/client.ts'
import { activeStates } from '../runs/words.ts'

const hour = 3_600_000
const day = 24 * hour

/** What failed within a week. */
export const failedQuery = queryOptions({
  queryKey: ['runs', 'failed'],
  queryFn: ({ signal }) =>
    client.runs.list({ states: 'failed,crashed', since: Date.now() - 7 * day, limit: 300 }, { signal }),
})

export const newestQuery = queryOptions({
  queryKey: ['runs', 'newest'],
  queryFn: ({ signal }) => client.runs.list({ limit: 1 }, { signal }),
})

export const activeQuery = queryOptions({
  queryKey: ['runs', 'active'],
  queryFn: ({ signal }) => client.runs.list({ states: activeStates.join(','), limit: 100 }, { signal }),
})

/** How many runs were made in each of the last 24 hours, as clocks have them. */
export const dayQuery = queryOptions({
  queryKey: ['runs', 'day'],
  queryFn({ signal }) {
    const until = (Math.floor(Date.now() / hour) + 1) * hour
    return client.runs.counts({ since: until - day, until, parts: 24 }, { signal })
  },
})

/** What people said they know of, by fingerprint. */
export const acknowledgedQuery = queryOptions({
  queryKey: ['runs', 'acknowledged'],
  async queryFn({ signal }) {
    const { acknowledged } = await client.failures.acknowledged({}, { signal })
    return new Map(acknowledged.map((one) => [one.failure, one]))
  },
})

export const staleSelection = (owner: string | undefined): string =>
  `status:stale${owner === undefined ? '' : ` and owner:${JSON.stringify(owner)}`}`

export const staleQuery = (owner: string | undefined) =>
  queryOptions({
    queryKey: ['assets', 'stale', owner ?? ''],
    queryFn: ({ signal }) =>
      client.assets.list({ selection: staleSelection(owner), with: 'health', limit: 20 }, { signal }),
    staleTime: 60_000,
  })
