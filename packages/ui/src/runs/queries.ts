import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { client } from '../frame/client.ts'
import { type RunsSearch, spans } from './search.ts'

/** What the API is asked for. */
function filtersOf({ since, states, from, to, ...rest }: RunsSearch) {
  const begin = from ?? (since && Date.now() - spans[since])
  return {
    ...rest,
    ...(states && { states: states.join(',') }),
    ...(begin !== undefined && { since: begin }),
    ...(to !== undefined && { until: to }),
  }
}

/** Runs, newest first, a page after another: each begins behind the last run of the one before. */
export const runsQuery = (search: RunsSearch) =>
  infiniteQueryOptions({
    queryKey: ['runs', 'list', search],
    queryFn: ({ pageParam, signal }) =>
      client.runs.list(
        { ...filtersOf(search), limit: 100, ...(pageParam !== null && { cursor: pageParam }) },
        { signal },
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
  })

export const runQuery = (run: string) =>
  queryOptions({ queryKey: ['run', run], queryFn: ({ signal }) => client.runs.get({ run }, { signal }) })

/** How many of them were made when. Counting many takes a moment: it is no part of what an event makes old. */
export const countsQuery = (search: RunsSearch) =>
  queryOptions({
    queryKey: ['run counts', search],
    queryFn: ({ signal }) => client.runs.counts({ ...filtersOf(search), parts: 60 }, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: 10_000,
  })

/** Which of these runs that failed a later one has made good, with that run. */
export const mendedQuery = (runs: readonly string[]) =>
  queryOptions({
    queryKey: ['runs', 'mended', runs],
    async queryFn({ signal }) {
      const { mended } = await client.failures.mended({ runs: runs.join(',') }, { signal })
      return new Map(mended.map(({ run, by }) => [run, by]))
    },
    enabled: runs.length > 0,
    placeholderData: keepPreviousData,
  })
