import type { QueryOf, ResultOf, Routes } from '@sluice/api'
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { client } from '../frame/client.ts'
import type { LineageNode } from './graph.ts'

type Asset = ResultOf<Routes['lineage']['get']>['assets'][number]

/** What becomes stale, or is being made, no event tells: it is asked again; a large graph costs the server more. */
const paceOf = (assets: number): number => (assets > 1000 ? 15_000 : 3_000)

/** The graph of a selection, or of what a run is to make of it. */
export const lineageQuery = (of: Pick<QueryOf<Routes['lineage']['get']>, 'run'> & { readonly selection?: string }) =>
  queryOptions({
    queryKey: ['lineage', of],
    queryFn: ({ signal }) => client.lineage.get(of, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.status === 'error' ? false : paceOf(state.data?.assets.length ?? 0)),
    retry: false,
  })

/** Those without a group stand with what begins with the same word: `raw/*`. */
const groupOf = ({ name, group }: Asset): string | null =>
  group ?? (name.includes('/') ? `${name.slice(0, name.indexOf('/'))}/*` : null)

export function nodesOf(assets: readonly Asset[]): LineageNode[] {
  return assets.map((asset) => {
    const { name, external, states, upstream } = asset
    const [look = external ? 'external' : 'none'] = states
    const words = states.length > 0 ? states.join(', ') : external ? 'made elsewhere' : 'a view'
    return { id: name, name, group: groupOf(asset), look, words, upstream }
  })
}
