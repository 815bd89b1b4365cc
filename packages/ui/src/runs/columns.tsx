import type { Client } from '@sluice/api/client'
import type { RunState } from '@sluice/core'
import { numberText } from '../elements/numbers.ts'

type Count = Awaited<ReturnType<Client['runs']['counts']>>['counts'][number]

/** Runs of a stretch of time, by what became of them. */
export interface Stretch {
  readonly from: number
  readonly to: number
  readonly good: number
  readonly bad: number
  readonly other: number
  /** There are more than were counted. */
  readonly isMore: boolean
}

export function stretchesOf(counts: readonly Count[], width: number): Stretch[] {
  return counts.map(({ from, states, isMore }) => {
    const of = (...some: readonly RunState[]): number => some.reduce((sum, state) => sum + (states[state] ?? 0), 0)
    const other = of('waiting', 'starting', 'running', 'canceling', 'canceled')
    return { from, to: from + width, good: of('succeeded'), bad: of('failed', 'crashed'), other, isMore }
  })
}

/** `3 succeeded, 1 failed, 0 other`; `more than …` where not all were counted. */
export function countsText({ good, bad, other, isMore }: Pick<Stretch, 'good' | 'bad' | 'other' | 'isMore'>): string {
  const text = `${numberText(good)} succeeded, ${numberText(bad)} failed, ${numberText(other)} other`
  return isMore ? `more than ${text}` : text
}

/** A stacked column, what failed on top; as high as its part of `most`. */
export function Column({ of: { good, bad, other }, most }: { readonly of: Stretch; readonly most: number }) {
  const parts = [
    [bad, 'bg-bad'],
    [other, 'bg-wait'],
    [good, 'bg-good'],
  ] as const
  return (
    <span className="flex h-full flex-col justify-end gap-px">
      {parts.map(([count, color]) =>
        count === 0 ? null : (
          <span
            key={color}
            className={`rounded-xs ${color}`}
            style={{ height: `${Math.max(4, (count / most) * 100)}%` }}
          />
        ),
      )}
      {good + bad + other === 0 ? <span className="h-px bg-line" /> : null}
    </span>
  )
}
