import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { client } from '../frame/client.ts'

export type Backfill = Awaited<ReturnType<typeof client.backfills.get>>['backfill']

export const isOpen = ({ state }: Pick<Backfill, 'state'>): boolean =>
  state === 'running' || state === 'paused' || state === 'canceling'

/** Nothing tells of its progress: what goes on is read again. */
const pace = 2_000

export const backfillsQuery = infiniteQueryOptions({
  queryKey: ['backfills', 'list'],
  queryFn: ({ pageParam, signal }) =>
    client.backfills.list({ limit: 100, ...(pageParam !== null && { cursor: pageParam }) }, { signal }),
  initialPageParam: null as string | null,
  getNextPageParam: ({ next }) => next,
  refetchInterval: ({ state }) => (state.data?.pages.some((page) => page.backfills.some(isOpen)) ? pace : false),
})

export const backfillQuery = (backfill: string) =>
  queryOptions({
    queryKey: ['backfills', backfill],
    queryFn: ({ signal }) => client.backfills.get({ backfill }, { signal }),
    refetchInterval: ({ state }) => (state.data && isOpen(state.data.backfill) ? pace : false),
  })

export const failedSlicesQuery = (backfill: string, failed: number) =>
  queryOptions({
    queryKey: ['backfills', backfill, 'failed', failed],
    queryFn: ({ signal }) => client.backfills.failed({ backfill, limit: 100 }, { signal }),
    enabled: failed > 0,
  })

export type BackfillRequest = Parameters<typeof client.backfills.plan>[0]['body']

/** What a backfill would make: nothing of it is stored. */
export const planQuery = (body: BackfillRequest) =>
  queryOptions({
    queryKey: ['backfills', 'plan', body],
    queryFn: ({ signal }) => client.backfills.plan({ body }, { signal }),
    placeholderData: keepPreviousData,
    retry: false,
  })
