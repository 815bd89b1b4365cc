import { SluiceError } from '@sluice/core'
import { QueryCache, QueryClient } from '@tanstack/react-query'

/** Can the same question be answered later? */
const passes = (error: unknown): boolean =>
  !(error instanceof SluiceError) || error.code === 'SERVER_UNREACHABLE' || error.code === 'INTERNAL'

/** What was read from the API. What is old stays on the screen while it is read again. */
export const queries: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError(error, { queryKey }) {
      // A session that ended is noticed wherever it is: the frame asks for the token again.
      if (error instanceof SluiceError && error.code === 'UNAUTHORIZED' && queryKey[0] !== 'health')
        void queries.invalidateQueries({ queryKey: ['health'] })
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      gcTime: 5 * 60_000,
      refetchOnWindowFocus: true,
      // A request that nobody answers is tried, whatever the browser thinks of its network: the server may be this machine.
      networkMode: 'always',
      retry: (count, error) => passes(error) && count < 2,
      retryDelay: (count) => 300 * 2 ** count,
    },
    mutations: { networkMode: 'always' },
  },
})
