import type { Run } from '@sluice/core'
import { Link } from '@tanstack/react-router'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef } from 'react'
import { classes } from '../elements/classes.ts'
import { State } from '../elements/state.tsx'
import { Ago, Lasted, useZone } from '../elements/time.tsx'
import { useNarrow } from '../elements/use-narrow.ts'
import { useNow } from '../frame/now.ts'
import { causeText, hasLine, lineOf, partitionText, runTitle } from './words.ts'

const rowHeight = 32
/** With what happened in a line of its own, where there is no room beside the name. */
const tallHeight = 52
const columns =
  'grid grid-cols-[24px_104px_minmax(0,1fr)_84px] md:grid-cols-[24px_104px_minmax(170px,1.6fr)_minmax(160px,2.4fr)_minmax(70px,0.8fr)_minmax(80px,0.8fr)_minmax(80px,0.8fr)_84px_80px] gap-x-3 px-4 items-center content-center'
const wide = 'hidden md:block truncate'
const below = 'max-md:col-start-2 max-md:col-span-3 max-md:row-start-2 max-md:text-xs truncate'

interface RunTableProps {
  readonly runs: readonly Run[]
  /** They are of another question than the one that is being asked. */
  readonly isOld: boolean
  /** Reads the next page; `null`: there is none, or it is being read. */
  readonly more: (() => void) | null
  /** Ids of those that are chosen. */
  readonly chosen: ReadonlySet<string>
  readonly turn: (id: string) => void
}

/** Runs in lines; of a hundred thousand only those that are seen are in the page. */
export function RunTable({ runs, isOld, more, chosen, turn }: RunTableProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const isNarrow = useNarrow()
  const rows = useVirtualizer({
    count: runs.length,
    getScrollElement: () => scroller.current,
    estimateSize: (nth) => (isNarrow && hasLine(runs[nth]!) ? tallHeight : rowHeight),
    overscan: 12,
    getItemKey: (nth) => runs[nth]!.id,
  })
  const items = rows.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (more && last >= runs.length - 20) more()
  }, [more, last, runs.length])
  return (
    <div role="table" aria-label="Runs" aria-rowcount={-1} className="flex min-h-0 flex-1 flex-col bg-surface">
      <div role="rowgroup" className="shrink-0 border-b border-line">
        <div role="row" className={classes(columns, 'h-8 text-xs font-semibold text-muted')}>
          <span role="columnheader">
            <span className="sr-only">Choose</span>
          </span>
          <span role="columnheader">State</span>
          <span role="columnheader">Run</span>
          <span role="columnheader" className="truncate max-md:sr-only">
            What happened
          </span>
          {['Partition', 'Started by', 'Owner'].map((word) => (
            <span key={word} role="columnheader" className={wide}>
              {word}
            </span>
          ))}
          <span role="columnheader">Created</span>
          <span role="columnheader" className={wide}>
            Took
          </span>
        </div>
      </div>
      <div
        ref={scroller}
        role="presentation"
        className={classes('min-h-0 flex-1 overflow-y-auto', isOld && 'opacity-60')}
      >
        <div role="rowgroup" className="relative" style={{ height: rows.getTotalSize() }}>
          {items.map(({ index, key, start, size }) => (
            <Row
              key={key}
              run={runs[index]!}
              top={start}
              height={size}
              nth={index + 2}
              isChosen={chosen.has(runs[index]!.id)}
              turn={turn}
            />
          ))}
        </div>
      </div>
    </div>
  )
}

interface RowProps {
  readonly run: Run
  readonly top: number
  readonly height: number
  readonly nth: number
  readonly isChosen: boolean
  readonly turn: (id: string) => void
}

function Row({ run, top, height, nth, isChosen, turn }: RowProps) {
  const now = useNow()
  const zone = useZone()
  const line = lineOf(run, now, zone)
  const from = run.startedAt ?? null
  return (
    <div
      role="row"
      aria-rowindex={nth}
      aria-selected={isChosen}
      className={classes(columns, 'absolute inset-x-0 border-b border-line/60 focus-within:bg-hover hover:bg-hover')}
      style={{ height, transform: `translateY(${top}px)` }}
    >
      <span role="cell" className="relative z-1 flex">
        <label className="flex size-6 items-center justify-center">
          <input
            type="checkbox"
            aria-label={`Choose ${runTitle(run)} ${run.id.slice(0, 9)}`}
            checked={isChosen}
            onChange={() => turn(run.id)}
          />
        </label>
      </span>
      <span role="cell">
        <State state={run.state} />
      </span>
      <span role="cell" className="flex min-w-0 items-baseline gap-2">
        <Link
          to="/runs/$run"
          params={{ run: run.id }}
          data-row={run.id}
          className="min-w-0 truncate font-medium after:absolute after:inset-0"
        >
          {runTitle(run)}
        </Link>
        <span className="hidden shrink-0 font-mono text-xs text-muted lg:inline">{run.id.slice(0, 9)}</span>
      </span>
      <span
        role="cell"
        title={line}
        className={classes(line === '' ? wide : below, run.error ? 'text-bad' : 'text-muted')}
      >
        {line}
      </span>
      <span role="cell" className={wide} title={partitionText(run)}>
        {partitionText(run)}
      </span>
      <span role="cell" className={classes(wide, 'text-muted')} title={causeText(run)}>
        {causeText(run)}
      </span>
      <span role="cell" className={classes(wide, 'text-muted')} title={run.owners.join(', ')}>
        {run.owners.join(', ')}
      </span>
      <span role="cell" className="text-muted max-md:col-start-4 max-md:row-start-1">
        <Ago at={run.createdAt} />
      </span>
      <span role="cell" className={wide}>
        {from === null ? '' : <Lasted from={from} to={run.endedAt} />}
      </span>
    </div>
  )
}
