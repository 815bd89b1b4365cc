import { asset, daily, flow, log, task } from 'sluice'
import { z } from 'zod'

// Tasks are functions whose calls are tracked: a failed one is tried again, a finished one is never done twice.
const measure = task('measure', { retries: 3, key: (city) => city }, async (city: string) => {
  log.info('measuring', { city })
  return { city, degrees: 10 + (city.length % 7) * 3 }
})

// A flow is a task that can be started by itself: npx sluice run pipeline.ts report --param cities='["Oslo"]'
export const report = flow(
  'report',
  { params: z.object({ cities: z.array(z.string()).default(['Oslo', 'Lima', 'Pune']) }) },
  async ({ cities }) => {
    const measured = await measure.map(cities)
    const warmest = measured.toSorted((a, b) => b.degrees - a.degrees)[0]
    return { measured: measured.length, warmest }
  },
)

const Reading = z.object({ hour: z.int(), degrees: z.number() })

// An asset is a named piece of data: npx sluice materialize readings+ --partition latest
export const readings = asset(
  'readings',
  { description: 'The temperature of each hour', partitions: daily({ start: '2026-01-01' }), columns: Reading },
  function* (_, { partition }) {
    const day = Number(partition.key.slice(-2))
    for (let hour = 0; hour < 24; hour += 1) yield { hour, degrees: day / 2 + 8 * Math.sin((hour - 6) / 4) }
  },
).checks({
  plausible: async ({ value }) => {
    for await (const { degrees } of value.rows())
      if (degrees < -60 || degrees > 60) return { passed: false, metadata: { degrees } }
    return { passed: true }
  },
})

export const warmestHour = asset(
  'warmest_hour',
  { partitions: daily({ start: '2026-01-01' }), inputs: { readings } },
  async ({ readings: table }) => {
    const rows = await table.toArray()
    return rows.toSorted((a, b) => b.degrees - a.degrees)[0]?.hour
  },
)
