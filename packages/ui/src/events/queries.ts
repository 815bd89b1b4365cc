import { infiniteQueryOptions, keepPreviousData } from '@tanstack/react-query'
import { client } from '../frame/client.ts'
import type { EventsSearch } from './search.ts'

/** Events, newest first, a page after another. */
export const eventsQuery = ({ type, ...rest }: EventsSearch) =>
  infiniteQueryOptions({
    queryKey: ['events', { type, ...rest }],
    queryFn: ({ pageParam, signal }) =>
      client.events.recent(
        {
          ...rest,
          limit: 100,
          ...(type !== undefined && { types: type }),
          ...(pageParam !== null && { cursor: pageParam }),
        },
        { signal },
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
  })
