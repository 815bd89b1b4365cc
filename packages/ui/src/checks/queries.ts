import { queryOptions } from '@tanstack/react-query'
import { client } from '../frame/client.ts'

/** What a check came to, newest first. */
export const checkHistoryQuery = (asset: string, check: string) =>
  queryOptions({
    queryKey: ['asset', asset, 'check', check],
    queryFn: ({ signal }) => client.assets.check({ asset, check, limit: 100 }, { signal }),
  })
