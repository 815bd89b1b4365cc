import { queryOptions } from '@tanstack/react-query'
import { client } from '../frame/client.ts'

/** Nothing tells of these: they are read again. */
const refetchInterval = 5_000

export const workersQuery = queryOptions({
  queryKey: ['workers'],
  refetchInterval,
  queryFn: ({ signal }) => client.workers.list({ limit: 500 }, { signal }),
})
export const poolsQuery = queryOptions({
  queryKey: ['queue', 'pools'],
  refetchInterval,
  queryFn: ({ signal }) => client.queue.pools({ limit: 500 }, { signal }),
})
export const limitsQuery = queryOptions({
  queryKey: ['queue', 'limits'],
  refetchInterval,
  queryFn: ({ signal }) => client.queue.limits({ limit: 200 }, { signal }),
})
export const locationsQuery = queryOptions({
  queryKey: ['locations'],
  refetchInterval: 10_000,
  queryFn: ({ signal }) => client.locations.list({ limit: 500 }, { signal }),
})
