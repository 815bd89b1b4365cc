import type { TickRecord } from '@sluice/core'
import { json, output } from '../../terminal/terminal.ts'
import { table } from '../../terminal/table.ts'
import { localTime } from '../../terminal/times.ts'
import { connectServer } from '../../system/server-for.ts'
import { wholeNumber } from '../options.ts'
import type { TimedOptions } from './find.ts'
import { outcomeText, tickText } from './words.ts'

export interface TickOptions extends TimedOptions {
  readonly outcome?: TickRecord['outcome']
  readonly before?: string
  readonly limit: string
}

/** `sluice schedules ticks [NAME]`, `sluice sensors ticks [NAME]` */
export async function listTicks(
  kind: TickRecord['kind'],
  name: string | undefined,
  options: TickOptions,
): Promise<void> {
  const { location, outcome, before } = options
  const limit = wholeNumber('--limit', options.limit, 1)
  const { ticks, next } = await (
    await connectServer(options.server)
  ).ticks.list({
    kind,
    limit,
    ...(name !== undefined && { name }),
    ...(location !== undefined && { location }),
    ...(outcome !== undefined && { outcome }),
    ...(before !== undefined && { cursor: before }),
  })
  if (options.json) return json(ticks)
  const { style, line } = output
  if (ticks.length === 0)
    return line(kind === 'schedule' ? 'No schedule has ticked like that.' : 'No sensor has looked like that.')
  for (const text of tickLines(ticks, name === undefined)) line(text)
  const again = `sluice ${kind}s ticks${name === undefined ? '' : ` ${name}`} --before ${next}`
  if (next !== null) line(style.dim(`Older ones: ${again}`))
}

export function tickLines(ticks: readonly TickRecord[], named = false): string[] {
  const { style, columns } = output
  const rows = ticks.map((tick) => [
    localTime(tick.scheduledFor),
    ...(named ? [tick.name] : []),
    outcomeText(style, tick.outcome),
    tickText(tick),
  ])
  const names = [`due (${Temporal.Now.timeZoneId()})`, ...(named ? ['name'] : []), 'what', 'runs, or why']
  const titles = names.map((title, nth) => ({ title, flexible: nth === names.length - 1 }))
  return table(style, titles, rows, columns)
}
