import { useQuery } from '@tanstack/react-query'
import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react'
import { classes } from '../elements/classes.ts'
import { Problem } from '../elements/note.tsx'
import { minuteTime } from '../elements/time-text.ts'
import { useZone } from '../elements/time.tsx'
import { Column, type Stretch, countsText, stretchesOf } from './columns.tsx'
import { countsQuery } from './queries.ts'
import type { RunsSearch } from './search.ts'

interface HistogramProps {
  readonly search: RunsSearch
  readonly choose: (from: number, to: number) => void
}

/** How many of the runs that are asked for were made when; dragged over (or with Shift and the arrows) it is a filter. */
export function Histogram({ search, choose }: HistogramProps) {
  const zone = useZone()
  const box = useRef<HTMLDivElement>(null)
  const { data, error, refetch } = useQuery(countsQuery(search))
  // Where choosing began, and where it is.
  const [brush, setBrush] = useState<readonly [number, number] | null>(null)
  if (error && !data) return <Problem error={error} retry={() => void refetch()} />
  const all = stretchesOf(data?.counts ?? [], data?.width ?? 0)
  const most = Math.max(1, ...all.map(({ good, bad, other }) => good + bad + other))
  const last = all.length - 1
  const [low, high] = brush ? [Math.min(...brush), Math.max(...brush)] : [-1, -1]
  const says = ({ from, to, ...counts }: Stretch): string =>
    `${minuteTime(from, zone)} to ${minuteTime(to, zone)}: ${countsText(counts)}`
  const placeOf = ({ clientX }: PointerEvent): number => {
    const { left, width } = box.current!.getBoundingClientRect()
    return Math.max(0, Math.min(last, Math.floor(((clientX - left) / width) * all.length)))
  }
  const take = (): void => {
    if (brush && last >= 0) choose(all[low]!.from, all[high]!.to)
    setBrush(null)
  }
  const hear = (event: KeyboardEvent): void => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    if (by !== undefined) {
      const [from, at] = brush ?? [last, last - by]
      const next = Math.max(0, Math.min(last, at + by))
      setBrush([event.shiftKey ? from : next, next])
    } else if (event.key === 'Enter') take()
    else if (event.key === 'Escape' && brush) setBrush(null)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  const isOne = low === high
  return (
    <div className="border-b border-line bg-surface px-4 pt-2 pb-1">
      <div
        ref={box}
        role="slider"
        tabIndex={0}
        aria-label="Runs by time. Arrows choose a stretch, with Shift several, Enter shows only those."
        aria-valuemin={0}
        aria-valuemax={Math.max(0, last)}
        aria-valuenow={brush?.[1] ?? Math.max(0, last)}
        aria-valuetext={
          all.length === 0
            ? 'nothing'
            : isOne || !brush
              ? says(all[brush?.[1] ?? last]!)
              : says(sumOf(all.slice(low, high + 1)))
        }
        onKeyDown={hear}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId)
          setBrush([placeOf(event), placeOf(event)])
        }}
        onPointerMove={(event) => {
          if (brush && event.buttons > 0) setBrush([brush[0], placeOf(event)])
        }}
        onPointerUp={take}
        onPointerCancel={() => setBrush(null)}
        className="flex h-14 cursor-crosshair touch-pan-y items-end select-none"
      >
        {all.map((one, nth) => (
          <span
            key={one.from}
            title={says(one)}
            className={classes('flex h-full flex-1 flex-col px-px', nth >= low && nth <= high && 'bg-chosen')}
          >
            <Column of={one} most={most} />
          </span>
        ))}
      </div>
      <p className="flex justify-between text-xs text-muted">
        {data ? (
          <>
            <span>{minuteTime(data.since, zone)}</span>
            <span className="hidden md:inline">
              {brush && all.length > 0
                ? says(sumOf(all.slice(low, high + 1)))
                : 'drag over a time to see only its runs'}
            </span>
            <span>{minuteTime(data.until, zone)}</span>
          </>
        ) : (
          'Counting runs…'
        )}
      </p>
    </div>
  )
}

const sumOf = (some: readonly Stretch[]): Stretch => ({
  from: some[0]!.from,
  to: some.at(-1)!.to,
  good: some.reduce((sum, { good }) => sum + good, 0),
  bad: some.reduce((sum, { bad }) => sum + bad, 0),
  other: some.reduce((sum, { other }) => sum + other, 0),
  isMore: some.some(({ isMore }) => isMore),
})
