import { pages } from '@sluice/api/client'
import { humanDuration } from '@sluice/core'
import { atServer } from '../../terminal/shell.ts'
import { json, output } from '../../terminal/terminal.ts'
import { table } from '../../terminal/table.ts'
import { zonedTime } from '../../terminal/times.ts'
import { countOf, numberText } from '../../terminal/words.ts'
import { type BackfillOptions, withBackfills } from './on-server.ts'
import { leftText, partText, policyText, progressText, sliceText, stateText } from './words.ts'

export interface ShowOptions extends BackfillOptions {
  readonly failed?: boolean
}

/** `sluice backfills show ID` */
export function showBackfill(id: string, options: ShowOptions, version: string): Promise<void> {
  return withBackfills(options, { does: 'nothing', version }, async (client) => {
    const { backfill } = await client.backfills.get({ backfill: id })
    const { style, columns, line } = output
    if (options.failed) {
      for await (const { slices } of pages(client.backfills.failed, { backfill: backfill.id, limit: 1000 })) {
        for (const { assets, partition } of slices) {
          if (options.json) json({ assets, partition })
          else line(sliceText(assets, partition))
        }
      }
      return
    }
    if (options.json) return json(backfill)
    const { runs, parts, createdAt, endedAt, concurrency } = backfill
    const left = backfill.state === 'running' ? leftText(backfill.left) : ''
    const facts: [string, string][] = [
      [
        'state',
        `${stateText(style, backfill.state)}: ${progressText(style, backfill)}${left === '' ? '' : `; ${left} left`}`,
      ],
      ['makes', `${backfill.target}, ${backfill.partitions}`],
      [
        'runs',
        `${policyText(backfill)}${concurrency === null ? '' : `, ${numberText(concurrency)} at once`}; ${countOf(runs.open, 'run')} open, ${numberText(runs.ended)} ended`,
      ],
      ['made', zonedTime(createdAt)],
      ...(endedAt === null
        ? []
        : [['ended', `${zonedTime(endedAt)}, after ${humanDuration(endedAt - createdAt)}`] as [string, string]]),
    ]
    line(style.bold(backfill.id))
    for (const [what, text] of facts) line(`  ${style.dim(what.padEnd(6))}${text}`)
    line()
    const titles = ['assets', 'slices', 'done', 'failed', 'in runs'].map((title, nth) => ({
      title,
      ...(nth === 0 ? { flexible: true } : { align: 'end' as const }),
    }))
    const rows = parts.map((part) => [
      partText(part.assets, backfill),
      ...[part.slices, part.done, part.failed, part.open].map(numberText),
    ])
    for (const text of table(style, titles, rows, columns)) line(text)
    const at = atServer(options.server)
    line()
    line(`  ${style.dim('next')}  ${style.cyan(`sluice runs list --tag sluice/backfill=${backfill.id}${at}`)}`)
    if (backfill.failed > 0) {
      line(`        ${style.cyan(`sluice backfills show ${backfill.id} --failed${at}`)}`)
      line(`        ${style.cyan(`sluice backfills retry ${backfill.id}${at}`)}`)
    }
  })
}
