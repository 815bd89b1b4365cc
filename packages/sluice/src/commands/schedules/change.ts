import type { Client } from '@sluice/api/client'
import { type CatchUp, type Duration, type Json, SluiceError } from '@sluice/core'
import { json, output } from '../../terminal/terminal.ts'
import { zonedTime } from '../../terminal/times.ts'
import { type RunOptions, readParams } from '../options.ts'
import { tagsOf } from '../tags-of.ts'
import { allLocations } from '../serve/locations.ts'
import { connectServer } from '../../system/server-for.ts'
import { type TimedOptions, findSchedule } from './find.ts'
import { specOf, timetableText, whenText } from './words.ts'

export interface ResumeOptions extends TimedOptions {
  readonly asCode?: boolean
}

/** `sluice schedules pause NAME` and `resume NAME` */
export async function pauseSchedule(name: string, paused: boolean, options: ResumeOptions): Promise<void> {
  const client = await connectServer(options.server)
  const { location } = await findSchedule(client, name, options)
  const body = { paused: options.asCode ? null : paused }
  const { schedule } = await client.schedules.pause({ location, name, body })
  if (options.json) return json(schedule)
  const { line } = output
  const asCode = options.asCode ? ', as the code says' : ''
  if (schedule.paused) {
    const deploys = options.asCode ? '' : ', also after a deploy'
    return line(`${name} is paused${asCode}${deploys}. sluice schedules resume ${name} lets it go on.`)
  }
  const next = whenText(schedule.next, Date.now())
  line(`${name} goes on from now${asCode}: next ${next}. What was due meanwhile is not made up for.`)
}

export interface SetOptions extends TimedOptions, Pick<RunOptions, 'param' | 'params'> {
  readonly cron?: readonly string[]
  readonly every?: string
  readonly anchor?: string
  readonly rrule?: string
  readonly tz?: string
  readonly target: string
  readonly catchUp: string
  readonly jitter?: string
  readonly tag?: readonly string[]
  readonly paused?: boolean
}

/** `sluice schedules set NAME` */
export async function setSchedule(name: string, options: SetOptions): Promise<void> {
  const client = await connectServer(options.server)
  const { params, texts } = readParams(options)
  const { cron, every, anchor, rrule, tz, target, jitter, tag, paused = false } = options
  const { schedule, warnings } = await client.schedules.put({
    location: options.location ?? (await onlyLocation(client)),
    name,
    body: {
      target,
      paused,
      catchUp: catchUpOf(options.catchUp),
      tags: tagsOf(tag),
      ...(cron && { cron: [...cron] }),
      ...(every !== undefined && { every: every as Duration }),
      ...(anchor !== undefined && { anchor }),
      ...(rrule !== undefined && { rrule: rrule.replaceAll('\\n', '\n') }),
      ...(tz !== undefined && { timeZone: tz }),
      ...(jitter !== undefined && { jitter: jitter as Duration }),
      ...(params !== undefined && { params: params as Json }),
      ...(Object.keys(texts).length > 0 && { texts }),
    },
  })
  if (options.json) return json({ schedule, warnings })
  const { style, line } = output
  for (const warning of warnings) line(`${style.yellow('!')} ${warning}`)
  const next = schedule.next === null ? 'it does not tick' : `next ${zonedTime(schedule.next)}`
  line(`${name}: ${timetableText(specOf(schedule).timetable)}, ${next}. Deploys do not touch it.`)
}

/** `sluice schedules remove NAME` */
export async function removeSchedule(name: string, options: TimedOptions): Promise<void> {
  const client = await connectServer(options.server)
  const { location } = await findSchedule(client, name, options)
  const removed = await client.schedules.remove({ location, name })
  if (options.json) return json(removed)
  output.line(`${name} is gone; its ticks stay in the history.`)
}

function catchUpOf(text: string): CatchUp {
  if (text === 'none' || text === 'latest' || text === 'all') return text
  const all = Number(text)
  if (Number.isInteger(all) && all > 0) return { all }
  throw new SluiceError('USAGE', `--catch-up takes none, latest, all or a number from 1 on, not ${text}.`)
}

async function onlyLocation(client: Client): Promise<string> {
  const locations = await allLocations(client)
  if (locations.length === 1) return locations[0]!.name
  throw new SluiceError(
    'USAGE',
    locations.length === 0 ? 'The server knows no code yet.' : 'There are several locations.',
    {
      hint: locations.length === 0 ? 'sluice deploy brings it some.' : `Say which: --location ${locations[0]!.name}`,
    },
  )
}
