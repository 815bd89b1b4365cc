import type { ScheduleSnapshot, SensorSpec, TickRecord } from '@sluice/core'
import { pages } from '@sluice/api/client'
import { queryOptions } from '@tanstack/react-query'
import { client } from '../frame/client.ts'

/** A schedule or a sensor, as lists show it. */
export type Automation = {
  readonly location: string
  readonly name: string
  readonly paused: boolean
  readonly overridden: boolean
  readonly last: TickRecord | null
  /** When it ticks or looks next; `null`: it does not. */
  readonly next: number | null
} & (
  | { readonly kind: 'schedule'; readonly spec: ScheduleSnapshot; readonly origin: 'code' | 'api' }
  | { readonly kind: 'sensor'; readonly spec: SensorSpec; readonly cursor: string | null; readonly failures: number }
)

/** How many of each are listed. */
const most = 5_000

/** All schedules and sensors. */
export const automationsQuery = queryOptions({
  queryKey: ['automations', 'list'],
  refetchInterval: 30_000,
  async queryFn({ signal }): Promise<Automation[]> {
    const all: Automation[] = []
    const [schedules, sensors] = [client.schedules.list, client.sensors.list]
    for await (const page of pages(schedules, { limit: 1000 }, { signal })) {
      all.push(
        ...page.schedules.map((one) => ({
          ...one,
          kind: 'schedule' as const,
          spec: one.spec as unknown as ScheduleSnapshot,
        })),
      )
      if (all.length >= most) break
    }
    for await (const page of pages(sensors, { limit: 1000 }, { signal })) {
      all.push(
        ...page.sensors.map((one) => ({ ...one, kind: 'sensor' as const, spec: one.spec as unknown as SensorSpec })),
      )
      if (all.length >= 2 * most) break
    }
    return all
  },
})

export interface Named {
  readonly location: string
  readonly kind: 'schedule' | 'sensor'
  readonly name: string
}

export const ticksQuery = (of: Named) =>
  queryOptions({
    queryKey: ['automations', 'ticks', of],
    queryFn: ({ signal }) => client.ticks.list({ ...of, limit: 100 }, { signal }),
    refetchInterval: 15_000,
  })

/** The next ticks of a schedule, with what daylight saving does to them. */
export const previewQuery = (location: string, name: string, timeZone: string) =>
  queryOptions({
    queryKey: ['automations', 'preview', location, name, timeZone],
    queryFn: ({ signal }) => client.schedules.preview({ location, name, timeZone, limit: 10 }, { signal }),
  })

/** Assets and checks with a condition of their own. */
export const conditionsQuery = queryOptions({
  queryKey: ['automations', 'conditions'],
  queryFn: ({ signal }) => client.conditions.list({ limit: 500 }, { signal }),
  refetchInterval: 10_000,
})
