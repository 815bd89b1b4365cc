import type { SensorSpec } from '@sluice/core'
import { humanDuration } from '@sluice/core'
import { json, output } from '../../terminal/terminal.ts'
import { table } from '../../terminal/table.ts'
import { ago } from '../../terminal/times.ts'
import { connectServer } from '../../system/server-for.ts'
import { type TimedOptions, allSensors, findSensor } from '../schedules/find.ts'
import { tickLines } from '../schedules/ticks.ts'
import { outcomeText, whenText } from '../schedules/words.ts'

const specOf = ({ spec }: { readonly spec: unknown }): SensorSpec => spec as SensorSpec

/** `every 30 s`, `runs that failed`, `when a, b are made`. */
function waitsText({ on, every }: SensorSpec): string {
  if (!on) return `every ${humanDuration(every).replace('.0 s', ' s')}`
  if ('assets' in on) return `on ${on.assets.join(', ')} ${on.when.join(' or ')}`
  return `on runs ${on.runs.join(' or ')}${on.of ? ` of ${on.of.join(', ')}` : ''}`
}

/** `sluice sensors list` */
export async function listSensors(options: TimedOptions): Promise<void> {
  const { location } = options
  const sensors = await allSensors(await connectServer(options.server), location)
  if (options.json) return json(sensors)
  const { style, columns, line } = output
  if (sensors.length === 0)
    return line("There are no sensors. Export one: sensor('files', { targets: [sync], every: '30s' }, …).")
  const now = Date.now()
  const rows = sensors.map((one) => [
    one.paused ? style.yellow('paused') : specOf(one).on ? 'on events' : whenText(one.next, now),
    one.name,
    waitsText(specOf(one)),
    specOf(one).targets.join(', '),
    one.failures > 0 ? style.red(`${one.failures} in a row`) : '',
    one.last ? `${outcomeText(style, one.last.outcome)} ${ago(one.last.decidedAt, now)}` : '',
  ])
  const titles = ['next', 'sensor', 'looks', 'targets', 'failures', 'last'].map((title, nth) => ({
    title,
    flexible: nth === 2 || nth === 3,
  }))
  for (const text of table(style, titles, rows, columns)) line(text)
}

/** `sluice sensors show NAME` */
export async function showSensor(name: string, options: TimedOptions): Promise<void> {
  const client = await connectServer(options.server)
  const found = await findSensor(client, name, options)
  const { location } = found
  const { ticks } = await client.ticks.list({ kind: 'sensor', location, name, limit: 10 })
  if (options.json) return json({ ...found, ticks })
  const { style, line } = output
  const spec = specOf(found)
  const facts: [string, string][] = [
    ['looks', waitsText(spec)],
    ['next', found.paused ? style.yellow('paused') : whenText(found.next, Date.now())],
    ['targets', spec.targets.join(', ')],
    ['cursor', found.cursor ?? style.dim('none')],
    ...(found.failures > 0 ? [['failures', style.red(`${found.failures} in a row`)] as [string, string]] : []),
  ]
  line(style.bold(name))
  for (const [what, text] of facts) line(`  ${style.dim(what.padEnd(9))}${text}`)
  line()
  if (ticks.length === 0) return line(style.dim('It has launched and skipped nothing yet.'))
  for (const text of tickLines(ticks)) line(text)
}

/** `sluice sensors pause NAME` and `resume NAME` */
export async function pauseSensor(name: string, paused: boolean, options: TimedOptions): Promise<void> {
  const client = await connectServer(options.server)
  const { location } = await findSensor(client, name, options)
  const { sensor } = await client.sensors.pause({ location, name, body: { paused } })
  if (options.json) return json(sensor)
  output.line(
    paused
      ? `${name} is paused, also after a deploy. sluice sensors resume ${name} lets it go on.`
      : `${name} looks again, from its cursor on.`,
  )
}
