import { pages } from '@sluice/api/client'
import { all } from '../../system/of-server.ts'
import { connectServer } from '../../system/server-for.ts'
import { table } from '../../terminal/table.ts'
import { json, output } from '../../terminal/terminal.ts'
import { numberText } from '../../terminal/words.ts'

export interface QueueOptions {
  readonly server?: string
  readonly json?: boolean
}

/** `sluice queue` */
export async function showQueue(options: QueueOptions): Promise<void> {
  const client = await connectServer(options.server)
  const pools = await all(pages(client.queue.pools, { limit: 1000 }), (page) => page.pools)
  if (options.json) return json(pools)
  const { style, line } = output
  if (pools.length === 0) return line('Nothing waits, and no worker is connected.')
  const rows = pools.map(({ pool, slots, held, ready, later, blocked, delivered }) => [
    pool,
    slots === 0 ? style.yellow('no worker') : `${numberText(held)}/${numberText(slots)}`,
    ...[ready, blocked, later, delivered].map((count) => (count === 0 ? style.dim('0') : numberText(count))),
  ])
  print(['pool', 'slots', 'ready', 'behind a limit', 'later', 'handed out'], rows, [])
  const waiting = pools.reduce((sum, one) => sum + one.ready + one.blocked + one.later, 0)
  if (waiting > 0) line(style.dim('sluice runs list --state waiting names them; sluice runs why ID says what for.'))
}

/** `sluice limits list` */
export async function listLimits(options: QueueOptions): Promise<void> {
  const client = await connectServer(options.server)
  const limits = await all(pages(client.queue.limits, { limit: 1000 }), (page) => page.limits)
  if (options.json) return json(limits)
  if (limits.length === 0) return output.line('No limit is in use.')
  const rows = limits.map(({ name, key, held, waiting, holders }) => [
    name,
    key ?? '',
    numberText(held),
    waiting === 0 ? output.style.dim('0') : numberText(waiting),
    someOf(holders),
  ])
  print(['limit', 'key', 'held', 'waiting', 'held by'], rows, ['held by'])
}

function someOf(runs: readonly string[]): string {
  return runs.length > 5 ? `${runs.slice(0, 5).join(' ')} and ${runs.length - 5} more` : runs.join(' ')
}

const numbers = new Set(['slots', 'ready', 'behind a limit', 'later', 'handed out', 'held', 'waiting'])

function print(titles: readonly string[], rows: string[][], flexible: readonly string[]): void {
  const { style, columns, line } = output
  const shown = titles.map((title) => ({
    title,
    flexible: flexible.includes(title),
    ...(numbers.has(title) && { align: 'end' as const }),
  }))
  for (const text of table(style, shown, rows, columns)) line(text)
}
