import { userInfo } from 'node:os'
import { type Failures, type Run, SluiceError, fingerprint, groupFailures } from '@sluice/core'
import type { Acknowledged } from '@sluice/engine/store'
import { type System, type SystemOptions, findRun, ifAny } from '../../system/system.ts'
import { errorLines } from '../../terminal/error.ts'
import { oneLine } from '../../terminal/style.ts'
import { table } from '../../terminal/table.ts'
import { json, output } from '../../terminal/terminal.ts'
import { ago } from '../../terminal/times.ts'
import { countOf, iconOf } from '../../terminal/words.ts'
import { whatOf } from '../runs/list.ts'
import { wholeNumber } from '../options.ts'
import { timeOf } from '../time-of.ts'

export interface FailureOptions extends SystemOptions {
  readonly json?: boolean
}
export interface ListOptions extends FailureOptions {
  readonly since: string
  readonly owner?: string
  readonly limit: string
}
export interface KnowOptions extends FailureOptions {
  readonly by?: string
  readonly undo?: boolean
}

interface Failure extends Failures {
  /** Who knows of it; `null`: nobody said so. */
  readonly known: Acknowledged | null
}

/** `sluice failures list` */
export async function listFailures({ since, limit, owner, ...options }: ListOptions): Promise<void> {
  const asked = {
    since: timeOf('--since', since, { now: Date.now(), ago: true }),
    limit: wholeNumber('--limit', limit, 1),
    ...(owner !== undefined && { owner }),
  }
  const found = await ifAny<readonly Failure[]>([], options, (system) => failuresOf(system, asked))
  const ordered = [...found.filter(({ known }) => !known), ...found.filter(({ known }) => known)]
  if (options.json) return json(ordered.map(shown))
  const { style, columns, line } = output
  if (ordered.length === 0) return line('Nothing failed in that time.')
  const now = Date.now()
  const rows = ordered.map(({ runs, error, owners, known }) => [
    `${iconOf(style, runs[0]!.state)} ${runs[0]!.id}`,
    ago(runs[0]!.createdAt, now),
    countOf(runs.length, 'run'),
    namesOf(runs),
    oneLine(error.message),
    owners.join(', '),
    known?.by ?? '',
  ])
  const titles = ['newest run', 'made', 'failed', 'what', 'why', 'whose', 'known to'].map((title, nth) => ({
    title,
    flexible: nth > 2,
  }))
  for (const text of table(style, titles, rows, columns)) line(text)
}

/** `sluice failures show` */
export async function showFailure(id: string, options: FailureOptions): Promise<void> {
  await about(id, options, async (system, run) => {
    const failure = await failureOf(system, run)
    if (options.json) return json({ ...shown(failure), error: failure.error })
    const { style, line } = output
    const { runs, error, owners, known } = failure
    const now = Date.now()
    for (const text of errorLines(style, error)) line(text)
    line('')
    line(`${style.dim('what')}      ${namesOf(runs)}`)
    if (owners.length > 0) line(`${style.dim('whose')}     ${owners.join(', ')}`)
    line(`${style.dim('known to')}  ${known ? `${known.by}, since ${ago(known.at, now)}` : 'nobody'}`)
    line(`${style.dim('failed')}    ${countOf(runs.length, 'run')}`)
    for (const one of runs.slice(0, MOST_SHOWN)) line(`  ${one.id}  ${ago(one.createdAt, now)}  ${whatOf(one)}`)
    if (runs.length > MOST_SHOWN) line(style.dim(`  and ${runs.length - MOST_SHOWN} more`))
    if (!known) line(`${style.dim('next')}      ${style.cyan(`sluice failures know ${run.id}`)}`)
  })
}

/** `sluice failures know` */
export async function knowFailure(id: string, options: KnowOptions): Promise<void> {
  await about(id, options, async (system, run) => {
    const by = options.undo ? null : (options.by ?? userInfo().username)
    const failure = fingerprint(run.error!)
    await system.acknowledge({ failure, by })
    if (options.json) return json({ failure, by })
    output.line(
      by === null
        ? `What run ${run.id} failed of is to be seen again.`
        : `${by} knows of what run ${run.id} failed of: Home shows it below the others, newer ones of the same cause too.`,
    )
  })
}

/** As Home has it. */
const WEEK = 7 * 24 * 3_600_000
const MOST_RUNS = 300
const MOST_SHOWN = 20

interface Asked {
  /** Milliseconds since 1970. */
  readonly since: number
  /** How many failed runs are looked at. */
  readonly limit: number
  readonly owner?: string
}

async function failuresOf(system: System, asked: Asked): Promise<Failure[]> {
  const runs = await system.runs.list({ states: ['failed', 'crashed'], ...asked })
  const known = new Map((await system.acknowledged()).map((one) => [one.failure, one]))
  return groupFailures(runs).map((one) => ({ ...one, known: known.get(one.key) ?? null }))
}

/** All that failed of what this run failed of, from a week before it on. */
async function failureOf(system: System, run: Run): Promise<Failure> {
  const key = fingerprint(run.error!)
  const all = await failuresOf(system, { since: run.createdAt - WEEK, limit: MOST_RUNS })
  const known = (await system.acknowledged()).find((one) => one.failure === key) ?? null
  return all.find((one) => one.key === key) ?? { ...groupFailures([run])[0]!, known }
}

/** The run that failed: by its id, the beginning of it, or the newest. */
async function about(
  id: string,
  options: SystemOptions,
  use: (system: System, run: Run) => Promise<void>,
): Promise<void> {
  const found = await ifAny(null, options, async (system) => {
    const [newest] = id === 'latest' ? await system.runs.list({ states: ['failed', 'crashed'], limit: 1 }) : []
    if (id === 'latest' && !newest) return null
    const run = newest ?? (await findRun(system, id))
    if (!run.error)
      throw new SluiceError('USAGE', `Run ${run.id} is ${run.state}, and has no error.`, {
        hint: 'sluice failures list shows what failed.',
      })
    await use(system, run)
    return run
  })
  if (!found) throw new SluiceError('RUN_UNKNOWN', 'No run failed here.', { hint: 'sluice runs list shows all.' })
}

const shown = ({ key, error, runs, owners, known }: Failure) => ({
  failure: key,
  code: error.code,
  message: error.message,
  runs: runs.map(({ id }) => id),
  owners,
  newest: runs[0]!.createdAt,
  oldest: runs.at(-1)!.createdAt,
  known: known && { by: known.by, at: known.at },
})

function namesOf(runs: readonly Run[]): string {
  const names = [...new Set(runs.map(whatOf))]
  return names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ')
}
