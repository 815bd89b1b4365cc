import { type Run, type Step, decode, humanDuration } from '@sluice/core'
import type { RunAnswer } from '@sluice/worker'
import { errorLines } from './error.ts'
import { type Progress } from './progress/model.ts'
import { fromHere, valueCommand } from './shell.ts'
import { type Style, cutTo, oneLine, padded, widthOf } from './style.ts'
import { countOf, iconOf, numberText, stateCounts, wordOf } from './words.ts'
import { valueText, placeText } from './value-text.ts'

export interface End {
  readonly style: Style
  readonly progress: Progress
  readonly run: Run
  readonly answer: RunAnswer
  readonly placeOf: (kind: Step['kind'], name: string) => string | undefined
  readonly home: string
  readonly root: string
  readonly server: string | undefined
  readonly warnings: number
  readonly columns: number
}

const SHOWN_FAILURES = 3
const SHOWN_ASSETS = 8

/** How a run ended, what went wrong, where its values are and what to do next. */
export function endLines(end: End): string[] {
  const { style, progress, run } = end
  const took = run.startedAt === null || run.endedAt === null ? '' : ` in ${humanDuration(run.endedAt - run.startedAt)}`
  const counts = stateCounts(style, progress.counts)
  const head = `${iconOf(style, run.state)} ${style.bold(run.title ?? run.name)} ${wordOf(run.state)}${took}${counts === '' ? '' : `  ${style.dim('steps:')} ${counts}`}`
  return ['', ...failures(end), head, ...results(end), ...next(end)]
}

/** A process that died did so in the middle of a step, as far as is known; all else is about the target. */
function placeOfEnd({ progress, run, placeOf }: End): string | undefined {
  const [step] = run.state === 'crashed' ? progress.open.values() : []
  if (step) return placeOf(step.kind, step.name)
  return 'name' in run.target ? placeOf(run.target.kind, run.target.name) : undefined
}

function failures(end: End): string[] {
  const { style, progress, run, answer, placeOf } = end
  if (run.state === 'succeeded' || run.state === 'canceled') return []
  const lines: string[] = []
  // A hundred partitions that fail alike are one failure, told once.
  const groups = Map.groupBy(progress.failures, sameFailure)
  const shown = [...groups.values()].slice(0, SHOWN_FAILURES).map(([first]) => first!)
  const isAssets = 'assets' in run.target
  const own = answer.state === 'succeeded' ? null : (run.error ?? answer.error)
  // A flow fails with the error of a step that it did not catch: that is told once, where it happened.
  const told = shown.filter((step) => step.error && (isAssets || step.error.message === own?.message))
  for (const step of told) {
    lines.push(...errorLines(style, step.error, { place: placeOf(step.kind, step.name) ?? placeOfEnd(end) }))
    const alike = groups.get(sameFailure(step))!
    if (isAssets && alike.length > 1) lines.push(`  ${style.dim(alikeText(alike))}`)
    lines.push('')
  }
  const more = groups.size - told.length
  if (isAssets && more > 0) lines.push(style.dim(`… and ${countOf(more, 'other failure')}`), '')
  const isTold = told.some((step) => step.error!.message === own?.message) || (isAssets && told.length > 0)
  if (own && !isTold)
    lines.push(
      ...errorLines(style, run.state === 'crashed' ? { ...own, hint: '' } : own, { place: placeOfEnd(end) }).filter(
        (line) => line.trim() !== '→',
      ),
      '',
    )
  return lines
}

/** Equal code and equal message, but for the numbers in it, of one step: the same failure. */
const sameFailure = ({ kind, name, error }: Step): string =>
  [kind, name, error?.code, error?.message.replaceAll(/\d+/g, '#')].join('\n')

function alikeText(steps: readonly Step[]): string {
  const keys = steps.slice(0, 3).map(({ key, step }) => key ?? `step ${step}`)
  return `the same ${numberText(steps.length)} times: ${keys.join(', ')}${steps.length > 3 ? ', …' : ''}`
}

function results({ style, progress, answer, home, columns }: End): string[] {
  const lines: string[] = []
  if (answer.state === 'succeeded' && answer.result) {
    const { result } = answer
    const text = 'inline' in result ? valueText(decode(result.inline)) : placeText(result, home)
    if (text !== 'undefined')
      lines.push(`  ${style.dim('result')}  ${cutTo(oneLine(text), Math.max(60, columns - 12))}`)
  }
  const { passed, failed } = progress.checks
  if (passed + failed > 0)
    lines.push(
      `  ${style.dim('checks')}  ${numberText(passed)} passed${failed > 0 ? style.yellow(`, ${numberText(failed)} did not`) : ''}`,
    )
  // The last ones: what all others were made for.
  const made = [...progress.made].slice(-SHOWN_ASSETS)
  const width = Math.max(0, ...made.map(([name]) => widthOf(name)))
  for (const [index, [name, { last, count, rows }]] of made.entries()) {
    const facts = [
      rows > 0 ? `${numberText(rows)} rows` : '',
      count > 1 ? countOf(count, 'partition') : '',
      last.value ? placeText(last.value, home, count > 1) : 'no value',
    ]
    lines.push(
      `  ${index === 0 ? style.dim('values') : '      '}  ${padded(name, width)}  ${style.dim(facts.filter((fact) => fact !== '').join(' · '))}`,
    )
  }
  const more = progress.made.size - made.length
  if (more > 0) lines.push(`          ${style.dim(`and ${countOf(more, 'asset')} before`)}`)
  return lines
}

function next({ style, progress, run, warnings, root, server }: End): string[] {
  const commands: [string, string][] = []
  if (run.state === 'crashed') commands.push([`sluice runs resume ${run.id}`, 'goes on from the last committed step'])
  if (run.state === 'failed' || run.state === 'canceled')
    commands.push([`sluice runs retry ${run.id}`, 'tries again; what succeeded is not done again'])
  const valued = [...progress.made.values()].findLast(({ last }) => last.value)
  if (run.state === 'succeeded' && valued) {
    commands.push([valueCommand(valued.last.asset, valued.last.partition), 'shows its first rows'])
  }
  commands.push([
    `sluice runs show ${run.id}`,
    warnings > 0 ? `everything that happened, with ${countOf(warnings, 'warning')}` : 'everything that happened',
  ])
  const shown = commands.map(([command, what]) => [fromHere(root, command, server), what] as const)
  const width = Math.max(...shown.map(([command]) => command.length))
  return shown.map(
    ([command, what], index) =>
      `  ${style.dim(index === 0 ? 'next  ' : '      ')}  ${style.cyan(padded(command, width))}  ${style.dim(what)}`,
  )
}
