import { type Run, type RunState, SluiceError, describeWaiting, humanDuration, runStates } from '@sluice/core'
import type { RunQuery } from '@sluice/engine/store'
import { json, output } from '../../terminal/terminal.ts'
import { ago } from '../../terminal/times.ts'
import { table } from '../../terminal/table.ts'
import { oneLine } from '../../terminal/style.ts'
import { coloredWord, iconOf } from '../../terminal/words.ts'
import { type SystemOptions, ifAny } from '../../system/system.ts'
import { timeOf } from '../time-of.ts'
import { wholeNumber } from '../options.ts'

export interface ListOptions extends SystemOptions {
  readonly state?: readonly string[]
  readonly job?: string
  readonly name?: string
  readonly asset?: string
  readonly partition?: string
  readonly tag?: string
  readonly owner?: string
  readonly since?: string
  readonly until?: string
  readonly text?: string
  readonly limit: string
  readonly before?: string
  readonly json?: boolean
}

/** `sluice runs list` */
export async function listRuns(options: ListOptions): Promise<void> {
  const query = queryOf(options)
  const runs = await ifAny<readonly Run[]>([], options, (system) => system.runs.list(query))
  if (options.json) return json(runs)
  const { style, columns, line } = output
  if (runs.length === 0) {
    const isFiltered = Object.keys(query).some((key) => key !== 'limit')
    return line(
      isFiltered
        ? 'No run is like that. sluice runs list shows all.'
        : 'There are no runs here yet. sluice run FILE starts one.',
    )
  }
  const now = Date.now()
  const titles = [
    { title: 'state' },
    { title: 'run' },
    { title: 'what', flexible: true },
    { title: 'started' },
    { title: 'took', align: 'end' as const },
    { title: 'from', flexible: true },
  ]
  for (const row of table(
    style,
    titles,
    runs.map((run) => rowOf(run, now)),
    columns,
  ))
    line(row)
  if (runs.length === query.limit) line(style.dim(`Older ones: sluice runs list --before ${runs.at(-1)!.id}`))
}

function rowOf(run: Run, now: number): string[] {
  const { style } = output
  const state =
    run.state === 'waiting' && run.waitingFor
      ? style.dim(describeWaiting(run.waitingFor, now))
      : coloredWord(style, run.state)
  const started = run.startedAt ?? run.createdAt
  const took = run.startedAt === null ? '' : humanDuration((run.endedAt ?? now) - run.startedAt)
  return [
    `${iconOf(style, run.state)} ${state}`,
    run.id,
    oneLine(whatOf(run)),
    ago(started, now),
    took,
    style.dim(run.entry ?? ''),
  ]
}

/** What it makes or runs, with the partitions. */
export const whatOf = ({ title, name, target }: Run): string => {
  if (title !== null) return title
  const keys = 'partitions' in target ? (target.partitions ?? []) : []
  return keys.length === 0
    ? name
    : `${name} ${keys.length === 1 ? keys[0] : `${keys[0]}..${keys.at(-1)} (${keys.length})`}`
}

function queryOf(options: ListOptions): RunQuery {
  const { state = [], since, until, limit, job, name, asset, partition, tag, owner, text, before } = options
  const states = state.flatMap((one) => one.split(',')) as RunState[]
  const unknown = states.find((one) => !runStates.includes(one))
  if (unknown !== undefined)
    throw new SluiceError('USAGE', `There is no state ${unknown}.`, { hint: `States: ${runStates.join(', ')}.` })
  const now = Date.now()
  const given = {
    job,
    name,
    asset,
    partition,
    tag,
    owner,
    text,
    before,
    states: states.length === 0 ? undefined : states,
    since: since === undefined ? undefined : timeOf('--since', since, { now, ago: true }),
    until: until === undefined ? undefined : timeOf('--until', until, { now, ago: true }),
  }
  const isGiven = ([, value]: [string, unknown]): boolean => value !== undefined
  return { limit: wholeNumber('--limit', limit), ...Object.fromEntries(Object.entries(given).filter(isGiven)) }
}
