import {
  type ClockChange,
  type ShownTick,
  type Timetable,
  clockChanges,
  shownTick,
  ticksBetween,
  ticksOf,
  warningsOf,
  zoneNamed,
} from '@sluice/core'
import { json, output } from '../../terminal/terminal.ts'
import { timeOf } from '../time-of.ts'
import { locate } from '../supervise/location.ts'
import { lookInto } from '../supervise/look.ts'
import { environmentOf, wholeNumber } from '../options.ts'
import { type TimedOptions, findSchedule, only, serverIfAny } from './find.ts'
import { specOf, timetableText } from './words.ts'

export interface PreviewOptions extends TimedOptions {
  readonly from?: string
  readonly to?: string
  readonly tz?: string
  readonly limit: string
  readonly env?: string
}

/** `sluice schedules preview NAME [FILE]` */
export async function previewSchedule(name: string, file: string | undefined, options: PreviewOptions): Promise<void> {
  const timetable = await timetableNamed(name, file, options)
  const timeZone = options.tz ?? timetable.timeZone
  zoneNamed(timeZone)
  const limit = wholeNumber('--limit', options.limit, 1)
  const from = options.from === undefined ? Date.now() : timeOf('--from', options.from, { timeZone })
  const to = options.to === undefined ? Infinity : timeOf('--to', options.to, { timeZone })
  const all = ticksBetween(ticksOf(timetable), from - 1, to, limit)
  const end = all.length === limit || to === Infinity ? (all.at(-1) ?? from) : to
  const ticks = all.map((at) => shownTick(timetable, at, timeZone))
  const changes = clockChanges(timetable.timeZone, from, end)
  if (options.json) return json({ name, timeZone, ticks, changes })
  const { style, line } = output
  line(`${style.bold(name)}  ${timetableText(timetable)}`)
  for (const warning of warningsOf(timetable)) line(`${style.yellow('!')} ${warning}`)
  if (ticks.length === 0) return line('It does not tick in that time.')
  for (const text of lines(ticks, changes, timeZone === timetable.timeZone ? null : timetable.timeZone)) line(text)
}

async function timetableNamed(name: string, file: string | undefined, options: PreviewOptions): Promise<Timetable> {
  const client = await serverIfAny(file, options)
  if (client) return specOf({ spec: (await findSchedule(client, name, options)).spec }).timetable
  return lookInto(
    { location: locate(file), environment: environmentOf(options) },
    async ({ description }) => only(description.definitions.schedules, name, 'schedule').timetable,
  )
}

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

/** Each tick, and between them the moments at which clocks are moved: of `zone`, where other clocks are shown. */
function lines(ticks: readonly ShownTick[], changes: readonly ClockChange[], zone: string | null): string[] {
  const { style } = output
  const there = zone === null ? '' : ` in ${zone}`
  const rows = ticks.map((tick) => ({ at: tick.at, text: `  ${localText(tick)}${noteOf(tick, there)}` }))
  const moves = changes.map(({ at, from, to, kind }) => ({
    at: at - 0.5,
    text: style.yellow(
      `  ── clocks${there} go from ${from.slice(11)} ${kind === 'gap' ? 'to' : 'back to'} ${to.slice(11)} on ${from.slice(0, 10)} ──`,
    ),
  }))
  return [...rows, ...moves].toSorted((a, b) => a.at - b.at).map(({ text }) => text)
}

function localText({ local }: ShownTick): string {
  const weekday = days[new Date(`${local.slice(0, 10)}T00:00Z`).getUTCDay()]!
  return `${weekday} ${local.slice(0, 19).replace('T', ' ')} ${local.slice(19)}`
}

function noteOf({ daylight, meant }: ShownTick, there: string): string {
  const { style } = output
  const time = `${meant.slice(11, 16)}${there}`
  if (daylight === 'gap') return style.yellow(`  ${time} does not exist on this day`)
  if (daylight === 'first') return style.yellow(`  ${time} comes twice on this day: the first`)
  return daylight === 'second' ? style.yellow(`  ${time} comes twice on this day: the second`) : ''
}
