import { type Duration, type RetentionSettings, SluiceError, retentionSettings } from '@sluice/core'
import type { Bite } from '@sluice/engine'
import { json, output } from '../terminal/terminal.ts'
import { countOf } from '../terminal/words.ts'
import { environmentOf } from './options.ts'
import { locate } from './supervise/location.ts'
import { lookInto } from './supervise/look.ts'
import { openStore } from './supervise/store.ts'
import { findProject } from '../project/project.ts'

export interface PruneOptions {
  readonly runs?: string
  readonly logs?: string
  readonly events?: string
  readonly ticks?: string
  readonly conditions?: string
  readonly dryRun?: boolean
  readonly env?: string
  readonly json?: boolean
}

/** `sluice db prune` */
export async function prune(options: PruneOptions): Promise<void> {
  const { dryRun = false } = options
  const keep = given(options) ?? (await configured(environmentOf(options)))
  const store = await openStore(findProject(process.cwd()), { environment: environmentOf(options) })
  const deleted: { [Of in Bite['of']]?: number } = {}
  try {
    const { forgetting } = await import('@sluice/engine')
    for await (const { of, count } of forgetting({ store, keep, now: Date.now(), dryRun }))
      deleted[of] = (deleted[of] ?? 0) + count
  } finally {
    await store.close()
  }
  if (options.json) return json({ dryRun, deleted })
  const { style, line } = output
  const words = (Object.entries(deleted) as [Bite['of'], number][]).flatMap(([of, count]) =>
    count > 0 ? [countOf(count, ...namesOf[of])] : [],
  )
  if (words.length === 0) return line('Nothing is so old.')
  line(dryRun ? `Would delete ${words.join(', ')}.` : `${style.green('✓')} Deleted ${words.join(', ')}.`)
  if (dryRun) line(`  ${style.dim('next')}  ${style.cyan(`sluice db prune${flags(options)}`)}`)
}

const namesOf: Readonly<Record<Bite['of'], readonly [one: string, many?: string]>> = {
  runs: ['run'],
  logs: ['line of logs', 'lines of logs'],
  records: ['record of an asset', 'records of assets'],
  checks: ['result of a check', 'results of checks'],
  events: ['event'],
  ticks: ['tick'],
  evaluations: ['reason of a condition', 'reasons of conditions'],
  alerts: ['alert'],
  backfills: ['backfill'],
  versions: ['version of code', 'versions of code'],
  words: ['word of a launch', 'words of launches'],
  cache: ['expired cache entry', 'expired cache entries'],
}

const kinds = ['runs', 'logs', 'events', 'ticks', 'conditions'] as const

const flags = (options: PruneOptions): string =>
  kinds.map((kind) => (options[kind] === undefined ? '' : ` --${kind} ${options[kind]}`)).join('')

/** Only what the command line names, where it names anything. */
function given(options: PruneOptions): RetentionSettings | null {
  const named = kinds.filter((kind) => options[kind] !== undefined)
  if (named.length === 0) return null
  const retention = Object.fromEntries(named.map((kind) => [kind, options[kind] as Duration]))
  return retentionSettings(retention)
}

async function configured(environment: string): Promise<RetentionSettings> {
  const retention = findProject(process.cwd()).configFile
    ? await lookInto(
        { location: locate(undefined), environment, describing: true },
        async ({ description }) => description.definitions.settings?.retention,
      )
    : null
  if (retention) return retention
  throw new SluiceError('USAGE', 'Nothing says how long history is kept.', {
    hint: "sluice db prune --runs 30d, or retention: { runs: '30d' } in sluice.config.ts.",
  })
}
