import { type Run, decode, describeWaiting, humanDuration } from '@sluice/core'
import { type Style, cutTo, oneLine } from '../style.ts'
import { ago, localTime, zoneName } from '../times.ts'
import { valueText } from '../value-text.ts'
import { coloredWord, countOf, iconOf } from '../words.ts'

export function headerLines(style: Style, run: Run, now: number, columns: number): string[] {
  const waiting = run.waitingFor && run.state === 'waiting' ? `  ${describeWaiting(run.waitingFor, now)}` : ''
  const rows: [string, string][] = [
    ['run', run.id],
    ['target', targetText(run)],
    ['params', run.params === null ? '' : paramsText(run.params)],
    [
      'started',
      run.startedAt === null
        ? 'not yet'
        : `${localTime(run.startedAt)} ${zoneName(run.startedAt)} (${ago(run.startedAt, now)})`,
    ],
    ['took', tookText(run, now)],
    ['code', run.codeVersion === null ? '' : run.codeVersion.slice(0, 12)],
    ['resumed', run.resumes === 0 ? '' : countOf(run.resumes, 'time')],
    ['retry of', retryText(run)],
    [
      'tags',
      Object.entries(run.tags)
        .map(([key, value]) => (value === '' ? key : `${key}=${value}`))
        .join(' '),
    ],
  ]
  const shown = rows.filter(([, value]) => value !== '')
  return [
    `${iconOf(style, run.state)} ${style.bold(oneLine(run.title ?? run.name))}  ${coloredWord(style, run.state)}${waiting}`,
    ...shown.map(
      ([name, value]) => `  ${style.dim(name.padEnd(8))}  ${columns > 0 ? cutTo(value, columns - 12) : value}`,
    ),
  ]
}

/** Also of one from the start, which adopts nothing. */
function retryText({ retryOf, cause, terms }: Run): string {
  if (cause.retry === undefined) return retryOf ?? ''
  return `${cause.name} (${cause.retry} of ${terms?.runRetries?.max ?? cause.retry})`
}

function targetText({ target, entry }: Run): string {
  const where = entry === null ? '' : ` in ${entry}`
  if ('name' in target) return `${target.kind} ${target.name}${where}`
  const keys = target.partitions
  const partitions =
    keys === null || keys.length === 0
      ? ''
      : keys.length === 1
        ? `, partition ${keys[0]}`
        : `, ${keys.length} partitions ${keys[0]}..${keys.at(-1)}`
  const what =
    target.kind === 'checks' ? countOf(target.checks.length, 'check') : countOf(target.assets.length, 'asset')
  return `${what} of ${target.selection}${partitions}${where}`
}

function paramsText(text: string): string {
  const params = decode(text)
  if (typeof params !== 'object' || params === null || Array.isArray(params)) return oneLine(valueText(params))
  return Object.entries(params)
    .map(
      ([name, value]) => `${name}=${typeof value === 'string' ? value : (JSON.stringify(value) ?? valueText(value))}`,
    )
    .map(oneLine)
    .join('  ')
}

function tookText({ startedAt, endedAt, state }: Run, now: number): string {
  if (startedAt === null) return ''
  return endedAt === null
    ? `${humanDuration(now - startedAt)} so far${state === 'canceling' ? ', canceling' : ''}`
    : humanDuration(endedAt - startedAt)
}
