import { type Run, type Step, describeWaiting, humanDuration } from '@sluice/core'
import type { Style } from '../style.ts'
import { clock } from '../times.ts'
import { numberText, stateCounts } from '../words.ts'
import { type Progress, groupOf, titleOf } from './model.ts'

const spinner = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
/** More running steps of one name than this are one line with counts. */
const ALONE = 4

export interface Status {
  readonly run: Run
  readonly total: number | undefined
  readonly since: number
  readonly now: number
  readonly frame: number
  readonly isCanceling: boolean
  readonly room: number
}

/** What a run does now: one line for it, one for each step that runs. */
export function statusLines(
  style: Style,
  progress: Progress,
  { run, total, since, now, frame, isCanceling, room }: Status,
): string[] {
  const spin = style.cyan(spinner[frame % spinner.length]!)
  const ended = Object.values(progress.counts).reduce((sum, count) => sum + count, 0)
  const counts = stateCounts(style, progress.counts)
  const bar =
    total !== undefined && total > 1 ? ` ${barOf(style, ended / total)} ${numberText(ended)}/${numberText(total)}` : ''
  const state = isCanceling ? ` ${style.yellow('canceling (Ctrl-C again stops at once)')}` : ''
  const head = `${spin} ${style.bold(run.title ?? run.name)} ${style.dim(clock(now - since))}${bar}${counts === '' ? '' : `  ${counts}`}${state}`
  return ['', head, ...openLines(style, progress, now, spin, room)]
}

function openLines(style: Style, progress: Progress, now: number, spin: string, room: number): string[] {
  const byGroup = new Map<string, Step[]>()
  for (const step of progress.open.values()) {
    const id = groupOf(step)
    const list = byGroup.get(id)
    if (list) list.push(step)
    else byGroup.set(id, [step])
  }
  const lines: string[] = []
  for (const [id, steps] of byGroup) {
    const group = progress.groups.get(id)!
    if (steps.length <= ALONE) lines.push(...steps.map((step) => openLine(style, step, now, spin)))
    else
      lines.push(
        `  ${spin} ${group.name} ${style.dim(`${numberText(steps.length)} running${group.ended > 0 ? `, ${numberText(group.ended)} done` : ''}`)}`,
      )
  }
  const more = lines.length - room
  return more > 0 ? [...lines.slice(0, room - 1), style.dim(`  … and ${more + 1} more`)] : lines
}

function openLine(style: Style, step: Step, now: number, spin: string): string {
  const { name, detail } = titleOf(step)
  const facts =
    step.state === 'waiting' && step.waitingFor
      ? describeWaiting(step.waitingFor, now)
      : step.startedAt === null
        ? ''
        : humanDuration(Math.floor((now - step.startedAt) / 100) * 100)
  const attempt = step.attempt > 1 ? ` · attempt ${step.attempt}` : ''
  return `  ${step.state === 'waiting' ? style.dim('○') : spin} ${name}${detail === '' ? '' : ` ${style.dim(detail)}`}  ${style.dim(facts + attempt)}`
}

export function barOf(style: Style, share: number): string {
  const width = 20
  const full = Math.round(Math.min(1, share) * width)
  return `${style.green('━'.repeat(full))}${style.dim('━'.repeat(width - full))}`
}
