import { stat } from 'node:fs/promises'
import { job, schedule, sensor } from 'sluice'
import { z } from 'zod'
import { flightsFile } from './flights.ts'

/** What is made from all days together: the ranking, the forecast, the page. */
export const summary = job('summary', { target: 'group:marts or group:forecast or group:report' })
export const everything = job('everything', { target: '*' })

export const morning = schedule('every morning', {
  cron: '0 6 * * *',
  timeZone: 'America/New_York',
  target: summary,
})

/** Makes everything again when the file is another one: after an update of the package, say. */
export const newFile = sensor(
  'new file',
  { targets: [everything], every: '1m', cursor: z.object({ bytes: z.number(), changed: z.number() }) },
  async ({ cursor, launch }) => {
    const { size: bytes, mtimeMs: changed } = await stat(flightsFile)
    if (cursor === undefined) return { cursor: { bytes, changed } }
    if (bytes === cursor.bytes && changed === cursor.changed) return {}
    return {
      runs: [launch(everything, { partition: 'all', once: `${bytes} bytes of ${changed}` })],
      cursor: { bytes, changed },
    }
  },
)
