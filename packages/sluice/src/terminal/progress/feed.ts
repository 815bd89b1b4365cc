import { type LineLevel, type LogLine, decode, humanDuration } from '@sluice/core'
import { labelOf } from '../error.ts'
import type { Style } from '../style.ts'
import { cutTo, oneLine } from '../style.ts'
import { iconOf, numberText, stateCounts } from '../words.ts'
import { type EndedStep, type Progress, groupOf, rowsOf, titleOf } from './model.ts'

/** How many steps of one name get a line each; more are counted. */
const OWN_LINES = 12
/** Failures get theirs for longer. */
const FAILURE_LINES = 25

/** The lines that stay: one for each step that ends, as long as they are few. */
export interface Feed {
  ended(step: EndedStep): string[]
  /** One line for each group of which steps were counted since the last time. */
  summaries(isOver?: boolean): string[]
}

export function createFeed(style: Style, progress: Progress): Feed {
  const lines = new Map<string, { all: number; bad: number }>()
  const counted = new Map<string, number>()
  return {
    ended(one) {
      const { step } = one
      const id = groupOf(step)
      const isBad = step.state === 'failed' || one.check?.passed === false
      let count = lines.get(id)
      if (!count) lines.set(id, (count = { all: 0, bad: 0 }))
      count.all += 1
      if (isBad) count.bad += 1
      if (count.all <= OWN_LINES || (isBad && count.bad <= FAILURE_LINES)) return stepLines(style, one)
      counted.set(id, (counted.get(id) ?? 0) + 1)
      return []
    },
    summaries(isOver = false) {
      const result = [...counted.keys()].map((id) => {
        const { name, counts, running } = progress.groups.get(id)!
        return `${style.dim('…')} ${name}: ${stateCounts(style, counts)}${running > 0 && !isOver ? style.dim(`, ${numberText(running)} running`) : ''}`
      })
      counted.clear()
      return result
    },
  }
}

function stepLines(style: Style, { step, made, check }: EndedStep): string[] {
  const { name, detail } = titleOf(step)
  const facts: string[] = []
  if (step.startedAt !== null && step.endedAt !== null) facts.push(humanDuration(step.endedAt - step.startedAt))
  const rows = made.map(rowsOf).filter((count) => count !== null)
  if (rows.length > 0) facts.push(`${numberText(rows.reduce((sum, count) => sum + count, 0))} rows`)
  if (step.attempt > 1) facts.push(`attempt ${step.attempt}`)
  if (step.cachedFrom) facts.push('cached')
  const isWarned = check?.passed === false
  if (step.reason !== null && !isWarned) facts.push(oneLine(step.reason))
  const icon = isWarned ? (check.severity === 'warn' ? style.yellow('!') : style.red('✗')) : iconOf(style, step.state)
  const verdict = isWarned
    ? ` ${check.severity === 'warn' ? style.yellow('did not pass (warning)') : style.red(check.blocking ? 'did not pass (blocking)' : 'did not pass')}`
    : ''
  const line = `${icon} ${name}${detail === '' ? '' : ` ${style.dim(detail)}`}${verdict}${facts.length > 0 ? `  ${style.dim(facts.join(' · '))}` : ''}`
  if (step.state !== 'failed' || !step.error) return [line]
  return [line, `  ${style.red(`${labelOf(step.error)}: ${cutTo(oneLine(step.error.message), 300)}`)}`]
}

const levels = {
  debug: 'dim',
  info: 'blue',
  warn: 'yellow',
  error: 'red',
  stdout: 'dim',
  stderr: 'dim',
} as const satisfies Record<LineLevel, keyof Style>

export function logText(style: Style, line: Pick<LogLine, 'level' | 'message' | 'data'>, who: string): string {
  const label = style[levels[line.level]](line.level.padEnd(5))
  return `${label} ${who === '' ? '' : style.dim(`${who}: `)}${line.message}${line.data === null ? '' : ` ${style.dim(fieldsText(line.data))}`}`
}

/** `pages=3 from="a b"` */
export function fieldsText(data: string): string {
  try {
    const fields = decode(data) as Record<string, unknown>
    return Object.entries(fields)
      .map(
        ([key, value]) =>
          `${key}=${typeof value === 'string' ? (/[\s"=]/.test(value) ? JSON.stringify(value) : value) : JSON.stringify(value, bigints)}`,
      )
      .join(' ')
  } catch {
    return data
  }
}

const bigints = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value)
