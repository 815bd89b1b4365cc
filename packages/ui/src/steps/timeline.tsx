import type { Run, Step } from '@sluice/core'
import { useVirtualizer } from '@tanstack/react-virtual'
import { ChevronDown, ChevronRight } from 'lucide-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import { classes } from '../elements/classes.ts'
import { countOf } from '../elements/numbers.ts'
import { StateIcon, states } from '../elements/state.tsx'
import { duration } from '../elements/time-text.ts'
import { useNow } from '../frame/now.ts'
import type { Retrying } from './queries.ts'
import { type Segment, segmentsOf } from './segments.ts'
import { type TreeRow, countStates, treeRows } from './tree.ts'

const rowHeight = 28

interface TimelineProps {
  readonly run: Run
  readonly steps: readonly Step[]
  readonly retries: readonly Retrying[]
  readonly chosen: number | undefined
  readonly choose: (step: number | undefined) => void
  /** Steps that are chosen to run again. */
  readonly marked: ReadonlySet<number>
  /** Chooses one, or leaves it; `null`: nothing can run again now. */
  readonly mark: ((step: number) => void) | null
}

/** The tree of steps, and beside each when it waited, ran, and was tried again. */
export function Timeline({ run, steps, retries, chosen, choose, marked, mark }: TimelineProps) {
  const now = useNow()
  const scroller = useRef<HTMLDivElement>(null)
  const [turned, setTurned] = useState<ReadonlySet<string>>(new Set())
  const rows = useMemo(() => treeRows(steps, turned, chosen), [steps, turned, chosen])
  const byStep = useMemo(() => Map.groupBy(retries, ({ step }) => step), [retries])
  const end = run.endedAt ?? Math.max(now, run.createdAt)
  const begin = run.createdAt
  const whole = Math.max(1, end - begin)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 10,
    getItemKey: (nth) => rows[nth]!.key,
  })
  const at = rows.findIndex(({ step }) => step !== null && step.step === chosen)
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at, { align: 'auto' })
    // Only when another one is chosen: rows come while a run goes on.
  }, [chosen])
  const turn = (key: string): void =>
    setTurned((before) =>
      before.has(key) ? new Set([...before].filter((one) => one !== key)) : new Set([...before, key]),
    )
  return (
    <div className="flex min-h-0 flex-col">
      <Scale whole={whole} />
      <div ref={scroller} className="max-h-80 overflow-y-auto" role="presentation">
        <ul aria-label="Steps" className="relative" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, key, start }) => {
            const row = rows[index]!
            const isChosen = row.step !== null && row.step.step === chosen
            return (
              <li
                key={key}
                className={classes(
                  'absolute inset-x-0 grid h-7 grid-cols-[minmax(150px,38%)_1fr] items-center gap-2 border-b border-line/50 pr-3',
                  isChosen ? 'bg-chosen' : 'hover:bg-hover',
                )}
                style={{ transform: `translateY(${start}px)` }}
              >
                <div className="flex h-full min-w-0 items-center">
                  {mark && row.step && row.step.step > 0 ? (
                    <label className="flex size-6 shrink-0 items-center justify-center">
                      <input
                        type="checkbox"
                        aria-label={`Choose step ${row.step.step}: ${row.step.name}`}
                        checked={marked.has(row.step.step)}
                        onChange={() => mark(row.step.step)}
                      />
                    </label>
                  ) : null}
                  <Name row={row} isChosen={isChosen} turn={turn} choose={choose} />
                </div>
                <Bars row={row} retries={byStep} begin={begin} end={end} whole={whole} />
              </li>
            )
          })}
        </ul>
      </div>
    </div>
  )
}

function Scale({ whole }: { readonly whole: number }) {
  return (
    <div
      aria-hidden
      className="grid grid-cols-[minmax(150px,38%)_1fr] gap-2 border-b border-line pr-3 text-xs text-muted"
    >
      <span className="px-3 py-1">Step</span>
      <span className="flex justify-between py-1">
        {[0, 0.25, 0.5, 0.75, 1].map((part) => (
          <span key={part}>{part === 0 ? '0' : duration(Math.round(whole * part))}</span>
        ))}
      </span>
    </div>
  )
}

interface NameProps {
  readonly row: TreeRow
  readonly isChosen: boolean
  readonly turn: (key: string) => void
  readonly choose: (step: number | undefined) => void
}

function Name({ row, isChosen, turn, choose }: NameProps) {
  const { depth, canOpen, isOpen, step, group } = row
  const Chevron = isOpen ? ChevronDown : ChevronRight
  const name = group ? `${group.name}` : step.name
  return (
    <div className="flex h-full min-w-0 flex-1 items-center" style={{ paddingLeft: 8 + depth * 16 }}>
      {canOpen ? (
        <button
          type="button"
          aria-label={`${isOpen ? 'Fold' : 'Unfold'} ${name}`}
          aria-expanded={isOpen}
          onClick={() => turn(row.key)}
          className="flex size-6 shrink-0 items-center justify-center rounded text-muted hover:text-text"
        >
          <Chevron size={14} aria-hidden />
        </button>
      ) : (
        <span className="w-6 shrink-0" />
      )}
      {group ? (
        <button
          type="button"
          onClick={() => turn(row.key)}
          className="flex h-full min-w-0 flex-1 items-center gap-2 text-left"
        >
          <StateIcon state={countStates(group.steps)[0]![0]} />
          <span className="truncate font-medium">{name}</span>
          <span className="truncate text-xs text-muted">
            {countStates(group.steps)
              .map(([state, count]) => `${count} ${states[state].word}`)
              .join(', ')}
          </span>
        </button>
      ) : (
        <button
          type="button"
          data-row
          data-step={step.step}
          aria-pressed={isChosen}
          onClick={() => choose(isChosen ? undefined : step.step)}
          className="flex h-full min-w-0 flex-1 items-center gap-2 text-left"
        >
          <StateIcon state={step.state} />
          <span className="sr-only">{states[step.state].word}</span>
          <span className="truncate">{name}</span>
          {step.key === null ? null : <span className="truncate text-xs text-muted">{step.key}</span>}
          {step.attempt > 1 ? (
            <span className="shrink-0 text-xs text-muted">{countOf(step.attempt, 'attempt')}</span>
          ) : null}
        </button>
      )}
    </div>
  )
}

interface BarsProps {
  readonly row: TreeRow
  readonly retries: ReadonlyMap<number, readonly Retrying[]>
  readonly begin: number
  readonly end: number
  readonly whole: number
}

function Bars({ row, retries, begin, end, whole }: BarsProps) {
  const segments = row.group
    ? groupSegments(row.group.steps, end)
    : segmentsOf(row.step, retries.get(row.step.step) ?? [], end)
  if (segments.length === 0)
    return (
      <span className="text-xs text-muted">{row.step ? (row.step.reason ?? states[row.step.state].word) : ''}</span>
    )
  const first = segments[0]!.from
  const last = segments.at(-1)!.to
  const took = duration(last - first)
  const left = ((first - begin) / whole) * 100
  const right = ((last - begin) / whole) * 100
  // Neither behind it nor before it is room for how long it took.
  const isInside = right > 82 && left < 18
  return (
    <span className="relative block h-full" title={segments.map(titleOf).join('\n')}>
      {segments.map(({ from, to, what, state }, nth) => (
        <span
          key={nth}
          className={classes(
            'absolute top-2 h-3 min-w-0.5 rounded-xs',
            what === 'attempt' ? states[state].bar : 'border border-dashed border-wait',
          )}
          style={{ left: `${((from - begin) / whole) * 100}%`, width: `${((to - from) / whole) * 100}%` }}
        />
      ))}
      <span
        className={classes('absolute top-1.5 rounded-sm px-1.5 text-xs text-muted', isInside && 'bg-surface')}
        style={right <= 82 ? { left: `${right}%` } : { right: `${isInside ? 100 - right + 1 : 100 - left}%` }}
      >
        {took}
      </span>
    </span>
  )
}

const titleOf = ({ what, attempt, from, to, state }: Segment): string =>
  what === 'attempt'
    ? `attempt ${attempt}: ${states[state].word}, ${duration(to - from)}`
    : `waited ${duration(to - from)}`

/** Many calls as one bar, from the first to the last. */
function groupSegments(steps: readonly Step[], end: number): Segment[] {
  const started = steps.flatMap(({ startedAt }) => (startedAt === null ? [] : [startedAt]))
  if (started.length === 0) return []
  const from = started.reduce((a, b) => Math.min(a, b))
  const to = steps.reduce(
    (latest, { endedAt, startedAt }) => Math.max(latest, endedAt ?? (startedAt === null ? 0 : end)),
    from,
  )
  return [{ from, to, what: 'attempt', state: countStates(steps)[0]![0], attempt: 1 }]
}
