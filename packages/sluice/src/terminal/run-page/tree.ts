import { type Run, type Step, type StepState, describeWaiting, humanDuration, isTerminalRun } from '@sluice/core'
import { titleOf } from '../progress/model.ts'
import { type Style, cutTo, oneLine, padded, paddedStart, widthOf } from '../style.ts'
import { countOf, iconOf, numberText, stateCounts } from '../words.ts'

/** More siblings of one name than this are one line. */
const ALONE = 12
/** Of those, so many failures are shown. */
const FAILURES = 5
/** A page ends somewhere: `--steps` shows all. */
const LINES = 60
const BAR = 16

interface Line {
  readonly text: string
  readonly took: string
  readonly facts: string
  /** When, for the bar: from and to. */
  readonly from: number | null
  readonly to: number | null
  readonly state: StepState
}

export interface TreeOptions {
  readonly style: Style
  readonly columns: number
  readonly now: number
  /** All of them, one line each. */
  readonly isWhole: boolean
}

interface Known {
  readonly now: number
  readonly isOver: boolean
  readonly byNumber: ReadonlyMap<number, Step>
}

/** The steps of a run below those that called them; many of one name folded into one line. */
export function treeLines(run: Run, steps: readonly Step[], { style, columns, now, isWhole }: TreeOptions): string[] {
  const children = new Map<number, Step[]>()
  for (const step of steps) {
    if (step.step === 0) continue
    const siblings = children.get(step.parent)
    if (siblings) siblings.push(step)
    else children.set(step.parent, [step])
  }
  const byNumber = new Map(steps.map((step) => [step.step, step]))
  const known: Known = { now, isOver: isTerminalRun(run.state), byNumber }
  const lines: Line[] = []
  const below = (parent: number, depth: number): void => {
    for (const item of foldedOf(children.get(parent) ?? [], isWhole)) {
      if (lines.length > LINES && !isWhole) return
      if (!Array.isArray(item)) {
        lines.push(stepLine(style, item, depth, known))
        if (depth < 200) below(item.step, depth + 1)
        continue
      }
      lines.push(groupLine(style, item, depth, now))
      const failures = item.filter(({ state }) => state === 'failed')
      for (const step of failures.slice(0, FAILURES)) lines.push(stepLine(style, step, depth + 1, known))
      if (failures.length > FAILURES)
        lines.push(plain(`${'  '.repeat(depth + 1)}${style.dim(`… and ${failures.length - FAILURES} more failures`)}`))
    }
  }
  below(0, 0)
  const shown = isWhole ? lines : lines.slice(0, LINES)
  const rendered = layout(style, run, shown, columns, now)
  const isCut = lines.length > shown.length
  return isCut
    ? [
        ...rendered,
        style.dim(`  … more steps: sluice runs show ${run.id} --steps shows all ${numberText(steps.length)}`),
      ]
    : rendered
}

/** Steps in their order; those of one name, where they are many, as one list at the place of the first. */
function foldedOf(siblings: readonly Step[], isWhole: boolean): (Step | Step[])[] {
  if (isWhole || siblings.length <= ALONE) return [...siblings]
  const counts = new Map<string, Step[]>()
  for (const step of siblings) {
    const list = counts.get(step.kind + step.name)
    if (list) list.push(step)
    else counts.set(step.kind + step.name, [step])
  }
  return siblings.flatMap((step) => {
    const list = counts.get(step.kind + step.name)!
    if (list.length <= ALONE) return [step]
    return list[0] === step ? [list] : []
  })
}

const plain = (text: string): Line => ({ text, took: '', facts: '', from: null, to: null, state: 'waiting' })

function stepLine(style: Style, step: Step, depth: number, { now, isOver, byNumber }: Known): Line {
  const { name, detail } = titleOf(step)
  const facts: string[] = []
  if (step.state === 'waiting' && step.waitingFor) facts.push(describeWaiting(step.waitingFor, now))
  if (step.state === 'running' && isOver) facts.push(style.yellow('was running when its process ended'))
  if (step.attempt > 1) facts.push(`attempt ${step.attempt}`)
  if (step.cachedFrom) facts.push(`cached from ${step.cachedFrom.run}`)
  if (step.reason !== null) facts.push(oneLine(step.reason))
  if (step.error && step.state === 'failed')
    facts.push(style.red(cutTo(oneLine(`${step.error.name}: ${step.error.message}`), 60)))
  const upstream = lineage(step, byNumber)
  if (upstream !== '') facts.push(upstream)
  return {
    text: `${'  '.repeat(depth)}${iconOf(style, step.state)} ${name}${detail === '' ? '' : ` ${style.dim(detail)}`}`,
    took: step.startedAt !== null ? humanDuration((step.endedAt ?? now) - step.startedAt) : '',
    facts: facts.join(style.dim(' · ')),
    from: step.startedAt,
    to: step.endedAt ?? (step.startedAt === null ? null : now),
    state: step.state,
  }
}

/** `← first, page × 20`: the steps whose results it was given, where they fit. */
function lineage({ upstream }: Step, byNumber: ReadonlyMap<number, Step>): string {
  if (!upstream || upstream.length === 0) return ''
  const counts = new Map<string, number>()
  for (const number of upstream) {
    const name = byNumber.get(number)?.name
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return counts.size > 3
    ? ''
    : `← ${[...counts].map(([name, count]) => (count === 1 ? name : `${name} × ${count}`)).join(', ')}`
}

function groupLine(style: Style, steps: readonly Step[], depth: number, now: number): Line {
  const counts: Partial<Record<StepState, number>> = {}
  let [from, to, least, most] = [Infinity, 0, Infinity, 0]
  for (const { state, startedAt, endedAt } of steps) {
    counts[state] = (counts[state] ?? 0) + 1
    if (startedAt === null) continue
    const end = endedAt ?? now
    ;[from, to] = [Math.min(from, startedAt), Math.max(to, end)]
    ;[least, most] = [Math.min(least, end - startedAt), Math.max(most, end - startedAt)]
  }
  const state: StepState = counts.failed
    ? 'failed'
    : counts.running
      ? 'running'
      : counts.waiting
        ? 'waiting'
        : counts.canceled
          ? 'canceled'
          : counts.succeeded
            ? 'succeeded'
            : (steps[0]?.state ?? 'waiting')
  const keys = rangeOf(style, steps)
  const each = most > 0 && steps.length > 1 ? `${humanDuration(least)} to ${humanDuration(most)} each` : ''
  return {
    text: `${'  '.repeat(depth)}${iconOf(style, state)} ${steps[0]!.name} ${style.dim(`× ${numberText(steps.length)}`)}${keys}`,
    took: to > 0 ? humanDuration(to - from) : '',
    facts: [stateCounts(style, counts), style.dim(each)].filter((fact) => fact !== '').join(style.dim(' · ')),
    from: to > 0 ? from : null,
    to: to > 0 ? to : null,
    state,
  }
}

const byKey = new Intl.Collator('en', { numeric: true })

/** The least and the greatest key: steps that ran at once ended in any order. */
function rangeOf(style: Style, steps: readonly Step[]): string {
  let [first, last] = [steps[0]!.key, steps[0]!.key]
  for (const { key } of steps) {
    if (key === null || first === null || last === null) return ''
    if (byKey.compare(key, first) < 0) first = key
    if (byKey.compare(key, last) > 0) last = key
  }
  return first === null || last === null ? '' : ` ${style.dim(`${oneLine(first)} … ${oneLine(last)}`)}`
}

/** Names, durations, a bar for when in the run it was, and what else there is to say. */
function layout(style: Style, run: Run, lines: readonly Line[], columns: number, now: number): string[] {
  const width = columns > 0 ? columns : 120
  const names = Math.min(Math.max(24, ...lines.map(({ text }) => widthOf(text))), Math.floor(width * 0.45))
  const tooks = Math.max(0, ...lines.map(({ took }) => took.length))
  const start = run.startedAt ?? run.createdAt
  const span = Math.max(1, (run.endedAt ?? now) - start)
  const hasBars = width >= 90 && run.resumes === 0
  return lines.map((line) => {
    const bar = hasBars ? `  ${barOf(style, line, start, span)}` : ''
    const row = `  ${padded(cutTo(line.text, names), names)}  ${style.dim(paddedStart(line.took, tooks))}${bar}  ${line.facts}`
    return (columns > 0 ? cutTo(row, columns - 1) : row).trimEnd()
  })
}

function barOf(style: Style, { from, to, state }: Line, start: number, span: number): string {
  if (from === null || to === null) return ' '.repeat(BAR)
  const at = Math.min(BAR - 1, Math.max(0, Math.floor(((from - start) / span) * BAR)))
  const length = Math.min(BAR - at, Math.max(1, Math.round(((to - from) / span) * BAR)))
  const color = state === 'failed' ? style.red : state === 'running' ? style.cyan : style.dim
  return `${' '.repeat(at)}${color('━'.repeat(length))}${' '.repeat(BAR - at - length)}`
}

export const stepTotal = (steps: readonly Step[]): string =>
  countOf(steps.filter(({ step }) => step !== 0).length, 'step')
