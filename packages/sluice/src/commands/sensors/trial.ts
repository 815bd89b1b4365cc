import type { Requested } from '@sluice/api/workers'
import { type SensorSpec, SluiceError, decode, encode } from '@sluice/core'
import { json, output } from '../../terminal/terminal.ts'
import { environmentOf } from '../options.ts'
import { type TimedOptions, findSensor, only, serverIfAny } from '../schedules/find.ts'
import { askedLines } from '../schedules/trial.ts'
import { locate } from '../supervise/location.ts'
import { lookInto } from '../supervise/look.ts'

export interface SensorTrialOptions extends TimedOptions {
  readonly cursor?: string
  readonly env?: string
}

/** `sluice sensors test NAME [FILE]`: looks once, and changes nothing. */
export async function testSensor(name: string, file: string | undefined, options: SensorTrialOptions): Promise<void> {
  const cursor = cursorOf(options.cursor)
  const client = await serverIfAny(file, options)
  if (client) {
    const { location } = await findSensor(client, name, options)
    const body = cursor === undefined ? {} : { cursor }
    const { skipped, ...said } = await client.sensors.test({ location, name, body })
    return tell(skipped === null ? said : { skipped, keys: said.keys }, said.events, options)
  }
  await lookInto({ location: locate(file), environment: environmentOf(options) }, async ({ child, description }) => {
    const { timeout }: SensorSpec = only(description.definitions.sensors, name, 'sensor')
    const request = {
      request: 'look',
      sensor: name,
      cursor: cursor ?? null,
      events: [],
      keys: {},
      within: timeout,
    } as const
    tell((await child.ask(request)) as Requested, 0, options)
  })
}

/** JSON, as it is given to the code. */
function cursorOf(text: string | undefined): string | null | undefined {
  if (text === undefined) return undefined
  try {
    const value = JSON.parse(text) as unknown
    return value === null ? null : encode(value)
  } catch (cause) {
    throw new SluiceError('USAGE', `--cursor is no JSON: ${(cause as Error).message}.`, {
      cause,
      hint: `Write --cursor '{"seen": 7}', or --cursor null to begin anew.`,
    })
  }
}

type Said = Pick<Requested, 'keys'> &
  (
    | { readonly skipped: string }
    | {
        readonly runs: Parameters<typeof askedLines>[0]
        readonly cursor?: string | null
        readonly reports?: readonly {
          readonly asset: string
          readonly partition: string | null
          readonly what: string
        }[]
      }
  )

function tell(said: Said, events: number, { json: asJson }: SensorTrialOptions): void {
  if (asJson) return json({ skipped: null, runs: [], reports: [], keys: [], events, ...said })
  const { style, line } = output
  line(style.dim(`One look${events > 0 ? `, at ${events} events` : ''}; nothing is launched or stored.`))
  if ('skipped' in said) line(`It would skip: ${said.skipped}`)
  else {
    for (const text of askedLines(said.runs)) line(text)
    for (const { asset, partition, what } of said.reports ?? [])
      line(`It would report a ${what} of ${style.bold(asset)}${partition === null ? '' : `, ${partition}`}`)
    if (said.cursor !== undefined && said.cursor !== null)
      line(`Its cursor would be ${JSON.stringify(decode(said.cursor))}`)
  }
  for (const { name, add, remove } of said.keys ?? []) {
    if (add.length > 0) line(`It would add to ${name}: ${add.join(', ')}`)
    if (remove.length > 0) line(`It would remove from ${name}: ${remove.join(', ')}`)
  }
}
