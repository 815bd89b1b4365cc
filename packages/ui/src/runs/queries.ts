import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { client } from '../frame/client.ts'
import { type RunsSearch, spans } from './search.ts'

/** Runs, newest first, a page after another: each begins behind the last run of the one before. */
export const runsQuery = ({ since, states, ...rest }: RunsSearch) =>
  infiniteQueryOptions({
    queryKey: ['runs', 'list', { since, states, ...rest }],
    queryFn: ({ pageParam, signal }) =>
      client.runs.list(
        {
          ...rest,
          limit: 100,
          ...(states && { states: states.join(',') }),
          ...(since && { since: Date.now() - spans[since] }),
          ...(pageParam !== null && { cursor: pageParam }),
        },
        { signal },
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
  })

export const runQuery = (run: string) =>
  queryOptions({ queryKey: ['run', run], queryFn: ({ signal }) => client.runs.get({ run }, { signal }) })
