import type { StateRange } from '@sluice/core'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, useRef } from 'react'
import { moveRow } from '../frame/shortcuts.ts'
import { StateWord } from './partition-state.tsx'
import { partitionOf, partitionTo, rangeText } from './partition-text.ts'

interface RangeListProps {
  readonly ranges: readonly StateRange[]
  readonly chosen: string
  readonly choose: (partition: string) => void
}

const rowHeight = 28

/** The same as the picture, for keys and readers: arrows go through it, Enter chooses, with Shift all up to there. */
export function RangeList({ ranges, chosen, choose }: RangeListProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const first = useRef(0)
  const rows = useVirtualizer({
    count: ranges.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 8,
  })
  const move = (event: KeyboardEvent): void => {
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : null
    if (by === null) return
    event.preventDefault()
    moveRow(by)
  }
  const items = rows.getVirtualItems()
  return (
    <div ref={scroller} className="max-h-46 overflow-y-auto">
      <ul
        aria-label="Ranges"
        onKeyDown={move}
        style={{ height: rows.getTotalSize(), paddingTop: items[0]?.start ?? 0 }}
      >
        {items.map(({ index }) => {
          const range = ranges[index]!
          return (
            <li key={index}>
              <button
                type="button"
                data-row
                aria-pressed={chosen === partitionOf(range)}
                title="With Shift: all up to here"
                onClick={({ shiftKey }) => {
                  choose(
                    shiftKey ? partitionTo(ranges[first.current]!, range, first.current <= index) : partitionOf(range),
                  )
                  if (!shiftKey) first.current = index
                }}
                className="flex h-7 w-full items-center gap-3 rounded px-1 text-left hover:bg-hover aria-pressed:bg-chosen"
              >
                <span className="w-32 shrink-0">
                  <StateWord state={range.state} count={range.count} />
                </span>
                <span className="min-w-0 truncate font-mono text-xs">{rangeText(range)}</span>
              </button>
            </li>
          )
        })}
      </ul>
    </div>
  )
}
