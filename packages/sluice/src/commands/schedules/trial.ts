import { type ScheduleSpec, ticksOf } from '@sluice/core'
import { endedPartition } from '@sluice/engine'
import { json, output } from '../../terminal/terminal.ts'
import { zonedTime } from '../../terminal/times.ts'
import { environmentOf } from '../options.ts'
import { timeOf } from '../time-of.ts'
import { locate } from '../supervise/location.ts'
import { lookInto } from '../supervise/look.ts'
import { type TimedOptions, findSchedule, only, serverIfAny } from './find.ts'
import { specOf } from './words.ts'

export interface TrialOptions extends TimedOptions {
  readonly at?: string
  readonly env?: string
}

/** A run that would be launched. */
export interface Asked {
  readonly target: string
  readonly params: string | null
  readonly title: string | null
  readonly once: string | null
  readonly tags: Readonly<Record<string, string>>
  readonly partition: string | null
}
type Answer = { readonly skipped: string } | { readonly runs: readonly Asked[] }

/** `sluice schedules test NAME [FILE]`: asks once, and changes nothing. */
export async function testSchedule(name: string, file: string | undefined, options: TrialOptions): Promise<void> {
  const client = await serverIfAny(file, options)
  const due = ({ timetable }: ScheduleSpec): number =>
    options.at === undefined
      ? (ticksOf(timetable).next(Date.now()) ?? Date.now())
      : timeOf('--at', options.at, { timeZone: timetable.timeZone })
  if (client) {
    const found = await findSchedule(client, name, options)
    const scheduledFor = due(specOf(found))
    const { skipped, runs } = await client.schedules.test({ location: found.location, name, body: { scheduledFor } })
    return tell(name, scheduledFor, skipped === null ? { runs } : { skipped }, options)
  }
  await lookInto({ location: locate(file), environment: environmentOf(options) }, async ({ child, description }) => {
    const spec = only(description.definitions.schedules, name, 'schedule')
    const scheduledFor = due(spec)
    const { timeZone } = spec.timetable
    const said = (await child.ask({ request: 'tick', schedule: name, scheduledFor, timeZone })) as Answer
    if ('skipped' in said) return tell(name, scheduledFor, said, options)
    const runs: Asked[] = []
    for (const one of said.runs) {
      const ended = await endedPartition(noStore, description.definitions, one.target, scheduledFor)
      runs.push({ ...one, tags: { ...spec.tags, ...one.tags }, partition: one.partition ?? ended ?? null })
    }
    tell(name, scheduledFor, { runs }, options)
  })
}

/** A look at definitions knows no keys that were added. */
const noStore = { partitions: { keys: () => Promise.resolve([]) } }

function tell(name: string, scheduledFor: number, answer: Answer, { json: asJson }: TrialOptions): void {
  if (asJson) return json({ scheduledFor, skipped: null, runs: [], ...answer })
  const { style, line } = output
  line(style.dim(`${name} at ${zonedTime(scheduledFor)}; nothing is launched.`))
  if ('skipped' in answer) return line(`It would skip: ${answer.skipped}`)
  for (const text of askedLines(answer.runs)) line(text)
}

/** What would be launched, a line each. */
export function askedLines(runs: readonly Asked[]): string[] {
  const { style } = output
  if (runs.length === 0) return ['It would launch nothing.']
  return runs.map(({ target, params, partition, once, tags }) => {
    const facts = [
      ...(params === null ? [] : [params]),
      ...(partition === null ? [] : [`partition ${partition}`]),
      ...(once === null ? [] : [`once ${once}`]),
      ...Object.entries(tags).map(([tag, value]) => (value === '' ? tag : `${tag}=${value}`)),
    ]
    return `It would launch ${style.bold(target)}${facts.length === 0 ? '' : `  ${facts.join('  ')}`}`
  })
}
