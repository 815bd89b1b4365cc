import type { Client } from '@sluice/api/client'
import { type ScheduleSpec, type SensorSpec } from '@sluice/core'
import { allSchedules, allSensors } from '../schedules/find.ts'
import type { Scene } from './screen.ts'

/** What a server knows of one location, as `sluice dev` shows it. */
export async function findScene(client: Client, name: string, from: Pick<Scene, 'url' | 'entries'>): Promise<Scene> {
  const [{ locations }, schedules, sensors, { conditions, count }, { pools }, health] = await Promise.all([
    client.locations.list(),
    allSchedules(client, name),
    allSensors(client, name),
    // Not all of them: there may be thousands, and a screen has some lines.
    client.conditions.list({ location: name, limit: 1000 }),
    client.queue.pools(),
    client.server.health(),
  ])
  const location = locations.find((one) => one.name === name)
  const sum = (of: (pool: (typeof pools)[number]) => number): number => pools.reduce((all, pool) => all + of(pool), 0)
  return {
    ...from,
    name,
    counts: location?.counts ?? null,
    problem: location?.problem ?? null,
    schedules: schedules.map((one) => ({ ...one, spec: one.spec as unknown as ScheduleSpec })),
    sensors: sensors.map((one) => ({ ...one, spec: one.spec as unknown as SensorSpec })),
    conditions,
    conditionCount: count,
    problems: health.problems,
    running: sum(({ held }) => held),
    waiting: sum(({ ready, later, blocked, delivered }) => ready + later + blocked + delivered),
  }
}
