import { json, output } from '../../terminal/terminal.ts'
import { table } from '../../terminal/table.ts'
import { ago } from '../../terminal/times.ts'
import { connectServer } from '../../system/server-for.ts'
import { type TimedOptions, allSchedules } from './find.ts'
import { outcomeText, specOf, timetableText, whenText } from './words.ts'

/** `sluice schedules list` */
export async function listSchedules(options: TimedOptions): Promise<void> {
  const all = await allSchedules(await connectServer(options.server), options.location)
  if (options.json) return json(all)
  const { style, columns, line } = output
  if (all.length === 0)
    return line("There are no schedules. Export one: schedule('nightly', { cron: '0 2 * * *', target: sync }).")
  const now = Date.now()
  const inLocations = new Set(all.map(({ location }) => location)).size > 1
  const rows = all
    .toSorted((a, b) => (a.next ?? Infinity) - (b.next ?? Infinity))
    .map((one) => [
      one.paused ? style.yellow('paused') : whenText(one.next, now),
      inLocations ? `${one.location} ${one.name}` : one.name,
      timetableText(specOf(one).timetable),
      specOf(one).target,
      one.last ? `${outcomeText(style, one.last.outcome)} ${ago(one.last.decidedAt, now)}` : '',
      one.origin === 'api' ? 'run time' : 'code',
    ])
  const titles = ['next', 'schedule', 'when', 'target', 'last', 'from'].map((title, nth) => ({
    title,
    flexible: nth === 2 || nth === 3,
  }))
  for (const text of table(style, titles, rows, columns)) line(text)
}
