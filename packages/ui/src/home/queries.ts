import { queryOptions } from '@tanstack/react-query'
import { client } from '../frame/client.ts'
import { activeStates } from '../runs/words.ts'

const day = 86_400_000

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

/** The runs of the last 24 hours, at most a page of them. */
export const dayQuery = queryOptions({
  queryKey: ['runs', 'day'],
  queryFn: ({ signal }) => client.runs.list({ since: Date.now() - day, limit: 1000 }, { signal }),
})
