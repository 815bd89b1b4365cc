import type { ResultOf, Routes } from '@sluice/api'
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { client } from '../frame/client.ts'

export type ListedAsset = ResultOf<Routes['assets']['list']>['assets'][number]

/** Assets by a selection, page after page. */
export const assetsQuery = (selection: string) =>
  infiniteQueryOptions({
    queryKey: ['assets', 'list', selection],
    queryFn: ({ pageParam, signal }) =>
      client.assets.list(
        {
          limit: 100,
          with: 'health',
          ...(selection !== '' && { selection }),
          ...(pageParam !== null && { cursor: pageParam }),
        },
        { signal },
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
    retry: false,
  })

export const assetQuery = (asset: string) =>
  queryOptions({ queryKey: ['asset', asset], queryFn: ({ signal }) => client.assets.get({ asset }, { signal }) })

export const historyQuery = (asset: string) =>
  queryOptions({
    queryKey: ['asset', asset, 'history'],
    queryFn: ({ signal }) => client.assets.history({ asset, limit: 100 }, { signal }),
  })

export const whyQuery = (asset: string, partition: string | undefined) =>
  queryOptions({
    queryKey: ['asset', asset, 'why', partition ?? ''],
    queryFn: ({ signal }) =>
      client.conditions.why({ asset, ...(partition !== undefined && { partition }) }, { signal }),
    refetchInterval: 10_000,
    retry: false,
  })

/** How its definition changed, some versions of the code at a time. */
export const definitionsQuery = (asset: string, location: string) =>
  infiniteQueryOptions({
    queryKey: ['asset', asset, 'definitions', location],
    queryFn: ({ pageParam, signal }) =>
      client.assets.definitions({ asset, location, ...(pageParam !== null && { cursor: pageParam }) }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  })
