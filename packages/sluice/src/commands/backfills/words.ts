import { type BackfillState, humanDuration } from '@sluice/core'
import type { Style } from '../../terminal/style.ts'
import { countOf, numberText } from '../../terminal/words.ts'
import type { Shown } from './on-server.ts'

const colors: Readonly<Record<BackfillState, keyof Style>> = {
  running: 'cyan',
  paused: 'yellow',
  canceling: 'yellow',
  succeeded: 'green',
  failed: 'red',
  canceled: 'yellow',
}

export const stateText = (style: Style, state: BackfillState): string => style[colors[state]](state)

/** `3 of 12 done, 1 failed, 4 in runs` */
export function progressText(style: Style, { done, slices, failed, open }: Shown): string {
  const parts = [`${numberText(done)} of ${numberText(slices)} done`]
  if (failed > 0) parts.push(style.red(`${numberText(failed)} failed`))
  if (open > 0) parts.push(`${numberText(open)} in runs`)
  return parts.join(', ')
}

/** `about 2 min`; empty where nobody knows. */
export const leftText = (left: number | null): string =>
  left === null || left <= 0 ? '' : `about ${humanDuration(left < 10_000 ? Math.ceil(left / 1000) * 1000 : left)}`

export function policyText({ policy }: Shown): string {
  if ('by' in policy) return `a run for each ${policy.by}`
  if (policy.keys === 'all') return 'one run for all that follow each other'
  return policy.keys === 1 ? 'a run for each key' : `up to ${countOf(policy.keys, 'key')} in a run`
}

/** The assets of a part, or the job that it runs. */
export function partText(assets: readonly string[], { target }: Pick<Shown, 'target'>): string {
  if (assets.length === 0) return target
  return assets.length <= 4 ? assets.join(', ') : `${assets.slice(0, 3).join(', ')} and ${assets.length - 3} more`
}

/** `raw, clean 2026-01-01`; of a job only the key. */
export const sliceText = (assets: readonly string[], partition: string | null): string =>
  [assets.join(', '), partition ?? ''].filter((part) => part !== '').join(' ')
