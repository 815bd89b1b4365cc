import { pages } from '@sluice/api/client'
import { json, output } from '../../terminal/terminal.ts'
import { table } from '../../terminal/table.ts'
import { ago } from '../../terminal/times.ts'
import { numberText } from '../../terminal/words.ts'
import { wholeNumber } from '../options.ts'
import { type BackfillOptions, type Shown, someBackfills, withBackfills } from './on-server.ts'
import { leftText, stateText } from './words.ts'

export interface ListOptions extends BackfillOptions {
  readonly state?: Shown['state']
  readonly limit: string
}

/** `sluice backfills list` */
export async function listBackfills(options: ListOptions, version: string): Promise<void> {
  const limit = wholeNumber('--limit', options.limit, 1)
  const asked = { limit, ...(options.state && { state: options.state }) }
  const all = await withBackfills(options, { does: 'nothing', version }, (client) =>
    someBackfills(client, pages, asked),
  ).catch((error: unknown): Shown[] => {
    // There is no store yet.
    if ((error as { code?: string }).code === 'NOT_FOUND') return []
    throw error
  })
  if (options.json) return json(all)
  const { style, columns, line } = output
  if (all.length === 0)
    return line('There are no backfills. sluice backfills create SELECTION --partition A..B makes one.')
  const now = Date.now()
  const rows = all.map((one) => [
    stateText(style, one.state),
    one.id,
    one.target,
    one.partitions,
    `${numberText(one.done)}/${numberText(one.slices)}`,
    one.failed > 0 ? style.red(numberText(one.failed)) : '',
    one.state === 'running' ? leftText(one.left) : '',
    ago(one.createdAt, now),
  ])
  const titles = ['state', 'id', 'target', 'partitions', 'done', 'failed', 'left', 'made'].map((title, nth) => ({
    title,
    flexible: nth === 2 || nth === 3,
  }))
  for (const text of table(style, titles, rows, columns)) line(text)
}
