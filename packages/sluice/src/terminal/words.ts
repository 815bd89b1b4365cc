import type { RunState, StepState } from '@sluice/core'
import type { Style } from './style.ts'

type State = RunState | StepState

const marks: Readonly<Record<State, { readonly icon: string; readonly color: keyof Style; readonly word: string }>> = {
  waiting: { icon: '○', color: 'dim', word: 'waiting' },
  starting: { icon: '◌', color: 'cyan', word: 'starting' },
  running: { icon: '●', color: 'cyan', word: 'running' },
  canceling: { icon: '◍', color: 'yellow', word: 'canceling' },
  succeeded: { icon: '✓', color: 'green', word: 'succeeded' },
  failed: { icon: '✗', color: 'red', word: 'failed' },
  crashed: { icon: '‼', color: 'red', word: 'crashed' },
  canceled: { icon: '⊘', color: 'yellow', word: 'canceled' },
  skipped: { icon: '↷', color: 'yellow', word: 'skipped' },
  upstream_failed: { icon: '⊝', color: 'red', word: 'upstream failed' },
}

export const iconOf = (style: Style, state: State): string => style[marks[state].color](marks[state].icon)
export const wordOf = (state: State): string => marks[state].word
export const coloredWord = (style: Style, state: State): string => style[marks[state].color](marks[state].word)

/** `12,345`: thousands are readable, and the same for everybody. */
export const numberText = (value: number): string =>
  Number.isSafeInteger(value) ? String(value).replaceAll(/\B(?=(?:\d{3})+$)/g, ',') : String(value)

export const countOf = (count: number, one: string, many = `${one}s`): string =>
  `${numberText(count)} ${count === 1 ? one : many}`

export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}

/** `3 succeeded, 1 failed`, in the order of the table. */
export function stateCounts(style: Style, counts: Readonly<Record<string, number>>): string {
  return (Object.keys(marks) as State[])
    .filter((state) => (counts[state] ?? 0) > 0)
    .map((state) => style[marks[state].color](`${numberText(counts[state]!)} ${marks[state].word}`))
    .join(', ')
}
