import type { StateRange } from '@sluice/core'
import { partitionStates } from '@sluice/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Button } from '../elements/button.tsx'
import { classes } from '../elements/classes.ts'
import { Problem } from '../elements/note.tsx'
import { numberText } from '../elements/numbers.ts'
import { Panel } from '../elements/panel.tsx'
import { StateWord, partitionLooks } from './partition-state.tsx'
import { partitionsQuery } from './queries.ts'

interface PartitionsPanelProps {
  readonly asset: string
  /** What is chosen to be made. */
  readonly chosen: string
  readonly choose: (partition: string) => void
}

/** The state of every partition: a bar over all of them, and the same as a list in which ranges are chosen. */
export function PartitionsPanel({ asset, chosen, choose }: PartitionsPanelProps) {
  const { data, error, refetch, hasNextPage, fetchNextPage } = useInfiniteQuery(partitionsQuery(asset))
  const [first] = data?.pages ?? []
  const ranges = data?.pages.flatMap((page) => page.ranges) ?? []
  const whole = first ? partitionStates.reduce((sum, state) => sum + first.counts[state], 0) : 0
  if (error) return <Problem error={error} retry={() => void refetch()} />
  if (!first || first.dims.length === 0) return null
  return (
    <Panel
      title="Partitions"
      aside={partitionStates
        .filter((state) => first.counts[state] > 0)
        .map((state) => (
          <StateWord key={state} state={state} count={first.counts[state]} />
        ))}
    >
      {/* The list below says the same in words. */}
      <div aria-hidden className="flex h-6 overflow-hidden rounded-sm border border-line">
        {ranges.map((range) => (
          <button
            key={range.from}
            type="button"
            tabIndex={-1}
            title={`${rangeText(range)}: ${range.state}`}
            onClick={() => choose(selectionOf(range))}
            className={classes(
              'h-full min-w-px border-r border-surface/40 last:border-0',
              partitionLooks[range.state].bar,
            )}
            style={{ flex: `${range.count} 0 0` }}
          />
        ))}
      </div>
      <p aria-hidden className="flex justify-between text-xs text-muted">
        <span>{ranges[0]?.from}</span>
        <span>{numberText(whole)} in all</span>
        <span>{hasNextPage ? '…' : ranges.at(-1)?.to}</span>
      </p>
      <ul aria-label="Ranges" className="mt-2 flex max-h-44 flex-col overflow-y-auto">
        {ranges.map((range) => (
          <li key={range.from}>
            <button
              type="button"
              data-row
              aria-pressed={chosen === selectionOf(range)}
              onClick={() => choose(selectionOf(range))}
              className="flex h-7 w-full items-center gap-3 rounded px-1 text-left hover:bg-hover aria-pressed:bg-chosen"
            >
              <span className="w-28 shrink-0">
                <StateWord state={range.state} count={range.count} />
              </span>
              <span className="min-w-0 truncate font-mono text-xs">{rangeText(range)}</span>
            </button>
          </li>
        ))}
      </ul>
      {hasNextPage ? (
        <Button onClick={() => void fetchNextPage()}>More of {numberText(first.total)} ranges</Button>
      ) : null}
    </Panel>
  )
}

const rangeText = ({ from, to, dims }: StateRange): string =>
  dims
    ? Object.entries(dims)
        .map(([name, its]) => `${name} ${its.from === its.to ? its.from : `${its.from} … ${its.to}`}`)
        .join(', ')
    : from === to
      ? `${from}`
      : `${from} … ${to}`

/** As a launch takes it: `A..B`, of a grid `A..B|x`. */
function selectionOf({ from, to, dims }: StateRange): string {
  const one = (its: { from: string; to: string }): string => (its.from === its.to ? its.from : `${its.from}..${its.to}`)
  return dims ? Object.values(dims).map(one).join('|') : one({ from: from ?? '', to: to ?? '' })
}
