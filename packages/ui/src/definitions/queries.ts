import type { AssetSnapshot, JobSnapshot, LaunchableSnapshot, Snapshot } from '@sluice/core'
import { queryOptions } from '@tanstack/react-query'
import { client } from '../frame/client.ts'

export interface Location {
  readonly name: string
  readonly version: string
  readonly definitions: Snapshot
}

/** What the active code of every location defines. */
export const definitionsQuery = queryOptions({
  queryKey: ['definitions'],
  staleTime: 60_000,
  async queryFn({ signal }): Promise<Location[]> {
    const { locations } = await client.locations.list({ limit: 1000 }, { signal })
    const loaded = locations.filter(({ active }) => active !== null)
    return await Promise.all(
      loaded.map(async ({ name }) => ({ name, ...(await client.locations.snapshot({ location: name }, { signal })) })),
    )
  },
})

export type Launchable = { readonly location: string } & (
  | { readonly kind: 'flow' | 'task'; readonly definition: LaunchableSnapshot }
  | { readonly kind: 'job'; readonly definition: JobSnapshot }
)

/** What can be launched by its name: jobs, flows, tasks. */
export const launchables = (locations: readonly Location[]): Launchable[] =>
  locations.flatMap(({ name: location, definitions: { jobs, flows, tasks } }) => [
    ...jobs.map((definition) => ({ location, kind: 'job' as const, definition })),
    ...flows.map((definition) => ({ location, kind: 'flow' as const, definition })),
    ...tasks.map((definition) => ({ location, kind: 'task' as const, definition })),
  ])

export const assetsOf = (locations: readonly Location[]): AssetSnapshot[] =>
  locations.flatMap(({ definitions }) => [...definitions.assets])
