import { humanDuration } from '@sluice/core'
import { json, output } from '../../terminal/terminal.ts'
import { zonedTime } from '../../terminal/times.ts'
import { connectServer } from '../../system/server-for.ts'
import { type TimedOptions, findSchedule } from './find.ts'
import { tickLines } from './ticks.ts'
import { specOf, timetableText, whenText } from './words.ts'

/** `sluice schedules show NAME` */
export async function showSchedule(name: string, options: TimedOptions): Promise<void> {
  const client = await connectServer(options.server)
  const found = await findSchedule(client, name, options)
  const { location } = found
  const { ticks } = await client.ticks.list({ kind: 'schedule', location, name, limit: 10 })
  if (options.json) return json({ ...found, ticks })
  const { style, line } = output
  const spec = specOf(found)
  const { description, place } = spec as { description?: string; place?: string }
  const facts: [string, string][] = [
    ['when', timetableText(spec.timetable)],
    [
      'next',
      found.paused
        ? style.yellow('paused')
        : `${whenText(found.next, Date.now())}${found.next === null ? '' : style.dim(`  ${zonedTime(found.next)}`)}`,
    ],
    [
      'target',
      `${spec.target}${spec.params === null ? '' : `  ${spec.params}`}${spec.asks ? '  params by a function' : ''}`,
    ],
    ['catch-up', typeof spec.catchUp === 'string' ? spec.catchUp : `all, at most ${spec.catchUp.all}`],
    ...(spec.jitter > 0 ? [['jitter', `up to ${humanDuration(spec.jitter)}`] as [string, string]] : []),
    [
      'from',
      found.origin === 'api' ? 'made at run time' : `code of ${location}${place === undefined ? '' : `, ${place}`}`,
    ],
  ]
  line(`${style.bold(name)}${description === undefined ? '' : `  ${description}`}`)
  for (const [what, text] of facts) line(`  ${style.dim(what.padEnd(9))}${text}`)
  line()
  if (ticks.length === 0) return line(style.dim('It has not ticked yet.'))
  for (const text of tickLines(ticks)) line(text)
}
