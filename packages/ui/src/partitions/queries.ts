import type { StateRange } from '@sluice/core'
import { queryOptions } from '@tanstack/react-query'
import { client } from '../frame/client.ts'
import { queries } from '../frame/queries.ts'

type Page = Awaited<ReturnType<typeof client.assets.partitions>>
export type Dim = Page['dims'][number]

/** Ranges of one page, and of all that are read: a picture of more is no clearer. */
const page = 10_000
const most = 100_000
/** Keys that are read together. */
const block = 1000

/** The state of every partition as ranges: a million that are all fresh are one. */
export const partitionsQuery = (asset: string) =>
  queryOptions({
    queryKey: ['asset', asset, 'partitions'],
    async queryFn({ signal }): Promise<Omit<Page, 'next'>> {
      const ranges: StateRange[] = []
      for (let cursor: string | null = null; ;) {
        const answer: Page = await client.assets.partitions(
          { asset, limit: page, ...(cursor !== null && { cursor }) },
          { signal },
        )
        ranges.push(...answer.ranges)
        cursor = answer.next
        if (cursor === null || ranges.length >= most) return { ...answer, ranges }
      }
    },
  })

/** Keys of a dimension, every so many, from a place on. What happens to an asset is no reason to read them again. */
export const keysQuery = (asset: string, of: { dim: string | null; from: number; step: number; limit: number }) =>
  queryOptions({
    queryKey: ['partitions', asset, 'keys', of],
    queryFn: ({ signal }) =>
      client.assets.keys({ ...of, asset, dim: of.dim ?? undefined }, { signal }).then(({ keys }) => keys),
    staleTime: 60_000,
  })

/** The key at a place; of those around it is read too, so that a pointer that moves asks once. */
export async function keyAt(asset: string, dim: string | null, place: number): Promise<string> {
  const from = place - (place % block)
  const keys = await queries.query({ ...keysQuery(asset, { dim, from, step: 1, limit: block }), staleTime: 'static' })
  return keys[place - from] ?? ''
}

/** Where partitions are that are written so. */
export const placesQuery = (asset: string, partition: string | undefined) =>
  queryOptions({
    queryKey: ['partitions', asset, 'places', partition ?? ''],
    queryFn: ({ signal }) =>
      client.assets.places({ asset, partition: partition ?? '' }, { signal }).then(({ places }) => places),
    enabled: partition !== undefined,
    retry: false,
    staleTime: 60_000,
  })
