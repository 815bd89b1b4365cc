import { pages } from '@sluice/api/client'
import { all } from '../../system/of-server.ts'
import { connectServer } from '../../system/server-for.ts'
import { table } from '../../terminal/table.ts'
import { json, output } from '../../terminal/terminal.ts'
import { ago } from '../../terminal/times.ts'

export interface WorkersOptions {
  readonly server?: string
  readonly json?: boolean
}

/** `sluice workers list` */
export async function listWorkers(options: WorkersOptions): Promise<void> {
  const client = await connectServer(options.server)
  const workers = await all(pages(client.workers.list, { limit: 1000 }), (page) => page.workers)
  if (options.json) return json(workers)
  const { style, columns, line } = output
  if (workers.length === 0) return line('No worker is connected. sluice worker starts one.')
  const now = Date.now()
  const rows = workers.map(({ name, pool, slots, runs, draining, versions, machine, joinedAt }) => [
    draining ? style.yellow(`${name} (drains)`) : name,
    pool,
    `${runs.length} of ${slots}`,
    Object.entries(versions)
      .map(([location, its]) => `${location} ${its.map((version) => version.slice(0, 12)).join(', ')}`)
      .join('; '),
    `${machine.host} ${machine.pid}`,
    ago(joinedAt, now),
    runs.length > 3 ? `${runs.slice(0, 3).join(' ')} and ${runs.length - 3} more` : runs.join(' '),
  ])
  const titles = ['worker', 'pool', 'slots', 'code', 'process', 'joined', 'runs'].map((title, nth) => ({
    title,
    flexible: nth === 3 || nth === 6,
  }))
  for (const text of table(style, titles, rows, columns)) line(text)
}
