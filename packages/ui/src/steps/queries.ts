import { pages } from '@sluice/api/client'
import type { SluiceEvent, Step } from '@sluice/core'
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { client } from '../frame/client.ts'
import { onTouched } from '../frame/live.ts'

/** How many steps of a run are drawn. */
export const mostSteps = 20_000

/** Of a run with more than so many steps they are read again slowly, whatever is written. */
const fewSteps = 2000
/** Steps change one by one and no event tells of it: while a run goes on they are read again. */
const paceOf = (steps: number): number => (steps > fewSteps ? 5_000 : 1_000)

const stepsQuery = (run: string, isActive: boolean) =>
  queryOptions({
    queryKey: ['run', run, 'steps'],
    async queryFn({ signal }): Promise<Step[]> {
      const all: Step[] = []
      for await (const { steps } of pages(client.runs.steps, { run, limit: 5000 }, { signal })) {
        all.push(...steps)
        if (all.length >= mostSteps) break
      }
      return all
    },
    refetchInterval: ({ state }) => (isActive ? paceOf(state.data?.length ?? 0) : false),
  })

/** The steps of a run; of one that goes on as they are written. */
export function useSteps(run: string, isActive: boolean) {
  const queries = useQueryClient()
  const found = useQuery(stepsQuery(run, isActive))
  const areFew = (found.data?.length ?? 0) <= fewSteps
  useEffect(
    () =>
      isActive && areFew
        ? onTouched(
            run,
            () => void queries.invalidateQueries({ queryKey: ['run', run, 'steps'] }, { cancelRefetch: false }),
          )
        : undefined,
    [queries, run, isActive, areFew],
  )
  return found
}

/** When an attempt of a step ended, and the next one was to begin. */
export interface Retrying {
  readonly step: number
  readonly at: number
  readonly until: number | null
  readonly message: string
}

export const retriesQuery = (run: string, isActive: boolean) =>
  queryOptions({
    queryKey: ['run', run, 'retries'],
    async queryFn({ signal }): Promise<Retrying[]> {
      const { events } = await client.events.list({ run, limit: 1000 }, { signal })
      return events.filter(({ type }) => type === 'step.retrying').map(retryingOf)
    },
    refetchInterval: isActive ? 2_000 : false,
  })

function retryingOf({ step, at, data }: SluiceEvent): Retrying {
  const { until = null, message = '' } = (data ?? {}) as { until?: number | null; message?: string }
  return { step: step ?? 0, at, until, message }
}
