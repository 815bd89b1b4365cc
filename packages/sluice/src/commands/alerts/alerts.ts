import { table } from '../../terminal/table.ts'
import { json, output } from '../../terminal/terminal.ts'
import { ago } from '../../terminal/times.ts'
import { exitCodes } from '../exit-codes.ts'
import { connectServer } from '../../system/server-for.ts'
import { wholeNumber } from '../options.ts'

export interface AlertsOptions {
  readonly server?: string
  readonly location?: string
  readonly limit?: string
  readonly json?: boolean
}

/** `sluice alerts test` */
export async function testAlerts({ server, location, ...options }: AlertsOptions): Promise<number> {
  const body = location === undefined ? {} : { location }
  const { sent } = await (await connectServer(server)).alerts.test({ body })
  if (options.json) json(sent)
  const { style, line } = output
  for (const { location: whose, channel, ok, says } of options.json ? [] : sent)
    line(`${ok ? style.green('✓') : style.red('✗')} ${whose}, ${channel}: ${says}`)
  return sent.every(({ ok }) => ok) ? exitCodes.ok : exitCodes.failed
}

/** `sluice alerts list` */
export async function listAlerts(options: AlertsOptions): Promise<void> {
  const limit = wholeNumber('--limit', options.limit ?? '20', 1)
  const { alerts } = await (await connectServer(options.server)).alerts.list({ limit })
  if (options.json) return json(alerts)
  const { style, columns, line } = output
  if (alerts.length === 0) return line('Nobody was told anything yet. sluice alerts test tries whether that works.')
  const states = { sent: style.green('sent'), waiting: style.yellow('waiting'), failed: style.red('given up') }
  const rows = alerts.map(({ createdAt, state, location, channel, message, error }) => [
    ago(createdAt, Date.now()),
    states[state],
    `${location}, ${channel}`,
    message.title,
    error ?? '',
  ])
  const titles = ['when', 'state', 'to', 'what', 'why not'].map((title, nth) => ({ title, flexible: nth > 2 }))
  for (const text of table(style, titles, rows, columns)) line(text)
}
