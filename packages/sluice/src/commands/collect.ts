import { type Duration, milliseconds } from '@sluice/core'
import type { CollectedAnswer } from '@sluice/worker'
import { json, output } from '../terminal/terminal.ts'
import { bytesText, countOf } from '../terminal/words.ts'
import { environmentOf } from './options.ts'
import { locate } from './supervise/location.ts'
import { lookInto } from './supervise/look.ts'
import { openStore } from './supervise/store.ts'

export interface CollectOptions {
  readonly keep?: string
  readonly dryRun?: boolean
  readonly env?: string
  readonly json?: boolean
}

/** A dry run looks at the first so many only. */
const COUNTED = 200

/** `sluice values collect` */
export async function collect(file: string | undefined, options: CollectOptions): Promise<void> {
  const keep = options.keep as Duration | undefined
  if (keep !== undefined) milliseconds(keep) // refuses what is no duration
  const location = locate(file)
  const environment = environmentOf(options)
  const dryRun = options.dryRun ?? false
  const store = await openStore(location.project, { environment })
  try {
    const config = location.project.configFile ?? null
    const answer = await lookInto({ location, environment, describing: true, store }, ({ child }) =>
      child.ask({ request: 'collect', environment, config, dryRun, ...(keep !== undefined && { keep }) }),
    )
    if (options.json) json(answer)
    else report(answer as CollectedAnswer, dryRun)
  } finally {
    await store.close()
  }
}

function report({ old, orphans, bytes, keep }: CollectedAnswer, dryRun: boolean): void {
  const { style, line } = output
  const many = dryRun && old >= COUNTED ? ' or more' : ''
  const size = bytes > 0 ? ` (${bytesText(bytes)})` : ''
  const lost = orphans > 0 ? `, and ${countOf(orphans, 'value')} that lost attempts wrote` : ''
  const what = `${countOf(old, 'value')}${many}${size} not the latest, and too many or older than ${keep}${lost}`
  line(dryRun ? `Would delete ${what}.` : `${style.green('✓')} Deleted ${what}.`)
  if (dryRun && old + orphans > 0) line(`  ${style.dim('next')}  ${style.cyan('sluice values collect')}`)
}
