import { type CheckResult, decode } from '@sluice/core'
import { errorLines } from '../error.ts'
import { cellText, metadataLines } from '../metadata.ts'
import { rowsOf } from '../progress/model.ts'
import { answerCommand, atServer, valueCommand } from '../shell.ts'
import { type Style, cutTo, oneLine } from '../style.ts'
import { placeText, valueText } from '../value-text.ts'
import { countOf, numberText, stateCounts } from '../words.ts'
import type { Made, RunFacts } from './facts.ts'
import { headerLines } from './header.ts'
import { stepTotal, treeLines } from './tree.ts'

const ERRORS = 3
const ASSETS = 12
const WARNINGS = 10

export interface PageOptions {
  readonly style: Style
  readonly columns: number
  readonly home: string
  readonly isWhole: boolean
  /** As commands to type next have to name it. */
  readonly server?: string | undefined
}

/** One run, on a screen: what it was, what it did, what went wrong, what came out and what to do next. */
export function runPage(facts: RunFacts, options: PageOptions): string[] {
  const { style, columns } = options
  const { run, steps, now } = facts
  const counts = Object.fromEntries(
    Object.entries(
      Object.groupBy(
        steps.filter(({ step }) => step !== 0),
        ({ state }) => state,
      ),
    ).map(([state, list]) => [state, list.length]),
  )
  const sections: [string, string[]][] = [
    [
      `Steps  ${style.dim(stepTotal(steps))}  ${stateCounts(style, counts)}`,
      treeLines(run, steps, { ...options, now: run.endedAt ?? now }),
    ],
    ['Errors', errors(facts, style)],
    ['Checks', checks(facts.checks, style)],
    ['Made', made(facts, options)],
    ['Result', result(facts, options)],
    ['Warnings', warnings(facts, style)],
    ['Next', next(facts, options)],
  ]
  const body = sections.flatMap(([title, lines]) => (lines.length === 0 ? [] : ['', style.bold(title), ...lines]))
  return [...headerLines(style, run, now, columns), ...body]
}

function errors({ run, steps }: RunFacts, style: Style): string[] {
  const failed = steps.filter((step) => step.state === 'failed' && step.error && step.step !== 0)
  const isTold = failed.some((step) => step.error!.message === run.error?.message)
  const isSummary = run.error?.code === 'RUN_FAILED' && failed.length > 0
  const lines = failed
    .slice(0, ERRORS)
    .flatMap((step) => [
      style.dim(`${step.name}${step.key === null ? '' : ` ${step.key}`}`),
      ...errorLines(style, step.error),
    ])
  if (failed.length > ERRORS) lines.push(style.dim(`… and ${failed.length - ERRORS} more failed steps`))
  // `Next` says what to do about a run that crashed.
  if (run.error && !isTold && !isSummary)
    lines.push(...errorLines(style, { ...run.error, ...(run.state === 'crashed' && { hint: undefined as never }) }))
  return lines.map((line) => `  ${line}`)
}

function checks(results: readonly CheckResult[], style: Style): string[] {
  const byName = Map.groupBy(results, ({ asset, check }) => `${asset}: ${check}`)
  return [...byName].map(([name, list]) => {
    const bad = list.filter(({ passed }) => !passed)
    if (bad.length === 0)
      return `  ${style.green('✓')} ${name}${list.length > 1 ? style.dim(`  ${list.length} of ${list.length}`) : ''}`
    const isWarning = bad[0]!.severity === 'warn'
    const facts = [
      list.length > 1 ? `${bad.length} of ${list.length}` : '',
      isWarning ? 'warning' : bad[0]!.blocking ? 'blocking' : '',
      bad
        .slice(0, 3)
        .map(({ partition }) => partition)
        .filter(Boolean)
        .join(', '),
    ]
    const metadata = Object.entries(bad[0]!.metadata).map(
      ([key, value]) => `${key}=${'value' in value ? cellText(value.value) : value.type}`,
    )
    return `  ${isWarning ? style.yellow('!') : style.red('✗')} ${name} ${isWarning ? style.yellow('did not pass') : style.red('did not pass')}  ${style.dim([...facts.filter((fact) => fact !== ''), ...metadata].join(' · '))}`
  })
}

function made({ made: all, madeCount }: RunFacts, options: PageOptions): string[] {
  const shown = all.slice(0, ASSETS)
  const more = madeCount - shown.length
  const lines = shown.toReversed().flatMap((one) => madeLines(one, options))
  return more > 0 ? [options.style.dim(`  … and ${countOf(more, 'asset')} before`), ...lines] : lines
}

function madeLines({ asset, records, count }: Made, { style, columns, home }: PageOptions): string[] {
  const [newest] = records
  if (!newest) return []
  const rows = records.reduce((sum, one) => sum + (rowsOf(one) ?? 0), 0)
  const hasRows = records.some((one) => rowsOf(one) !== null)
  const what = newest.kind === 'observation' ? 'observed' : ''
  const where = newest.value
    ? placeText(newest.value, home, count > 1)
    : newest.kind === 'observation'
      ? ''
      : 'no value'
  const partition = newest.partition === null ? '' : count > 1 ? countOf(count, 'partition') : newest.partition
  const facts = [
    what,
    partition,
    hasRows ? `${numberText(rows)} rows${records.length < count ? ` in the newest ${records.length}` : ''}` : '',
    where,
  ]
  const { rows: _, ...metadata } = newest.metadata
  const shown = metadataLines(style, metadata, columns > 0 ? columns - 6 : 0).map((line) => `      ${line}`)
  return [`  ${asset}  ${style.dim(facts.filter((fact) => fact !== '').join(' · '))}`, ...shown]
}

function result({ run }: RunFacts, { columns, home }: PageOptions): string[] {
  if (!run.result) return []
  if (!('inline' in run.result)) return [`  ${placeText(run.result, home)}`]
  const value = decode(run.result.inline)
  if (value === undefined) return []
  return valueText(value, Math.max(60, columns - 4))
    .split('\n')
    .slice(0, 20)
    .map((line) => `  ${columns > 0 ? cutTo(line, columns - 3) : line}`)
}

function warnings({ warnings: list, steps }: RunFacts, style: Style): string[] {
  const names = new Map(steps.map(({ step, name }) => [step, name]))
  const lines = list.slice(0, WARNINGS).map(({ step, data }) => {
    const { code, message } = (data ?? {}) as { code?: string; message?: string }
    const who = step === null || step === 0 ? '' : `${names.get(step) ?? `step ${step}`}: `
    return `  ${style.yellow('!')} ${who}${oneLine(message ?? JSON.stringify(data))}${code === undefined ? '' : style.dim(` (${code})`)}`
  })
  return list.length > WARNINGS ? [...lines, style.dim(`  … and ${list.length - WARNINGS} more`)] : lines
}

function next({ run, steps, made: all }: RunFacts, { style, server }: PageOptions): string[] {
  const waiting = steps.flatMap(({ state, waitingFor }) =>
    state === 'waiting' && waitingFor?.for === 'person' ? [waitingFor.request] : [],
  )
  const asked = run.endedAt === null ? new Set(waiting) : []
  const commands: [string, string][] = []
  if (run.state === 'crashed') commands.push([`sluice runs resume ${run.id}`, 'goes on from the last committed step'])
  if (run.state === 'failed' || run.state === 'canceled')
    commands.push([`sluice runs retry ${run.id}`, 'tries again; what succeeded is not done again'])
  for (const request of asked) commands.push([answerCommand(run.id, request), `answers "${request}"`])
  if (run.state === 'running' || run.state === 'starting')
    commands.push([`sluice runs logs ${run.id} --follow`, 'what it says'], [`sluice runs cancel ${run.id}`, 'stops it'])
  const newest = all.find(({ records }) => records[0]?.value)?.records[0]
  if (run.state === 'succeeded' && newest)
    commands.push([valueCommand(newest.asset, newest.partition), 'its first rows'])
  if (run.state !== 'running' && run.state !== 'starting') commands.push([`sluice runs logs ${run.id}`, 'what it said'])
  const shown = commands.map(([command, what]) => [command + atServer(server), what] as const)
  const width = Math.max(0, ...shown.map(([command]) => command.length))
  return shown.map(([command, what]) => `  ${style.cyan(command.padEnd(width))}  ${style.dim(what)}`)
}
