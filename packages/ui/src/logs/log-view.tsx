import type { LogLine } from '@sluice/core'
import { useVirtualizer } from '@tanstack/react-virtual'
import { ArrowDown, ArrowUp, ArrowDownToLine, WrapText } from 'lucide-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import { Button } from '../elements/button.tsx'
import { classes } from '../elements/classes.ts'
import { CopyButton } from '../elements/copy.tsx'
import { Problem } from '../elements/note.tsx'
import { countOf } from '../elements/numbers.ts'
import { clockTime, fullTime } from '../elements/time-text.ts'
import { useZone } from '../elements/time.tsx'
import { useKeys } from '../frame/shortcuts.ts'
import { linesText, nextMatch } from './search-lines.ts'
import { useFound } from './use-found.ts'
import { useLog } from './use-log.ts'

/** Numbers of lines, of all runs together, that are read before one that is gone to. */
const before = 500

interface LogViewProps {
  readonly run: string
  readonly step: number | undefined
  readonly isActive: boolean
  readonly find: string
  readonly line: number | undefined
  readonly change: (part: { find?: string | undefined; line?: number | undefined }) => void
}

const levels: Readonly<Record<LogLine['level'], string>> = {
  debug: 'text-muted',
  info: 'text-muted',
  warn: 'text-warn',
  error: 'text-bad',
  stdout: 'text-muted',
  stderr: 'text-bad',
}

/** What was logged and printed. Only the lines that are seen are in the page; the server searches all of them. */
export function LogView({ run, step, isActive, find, line, change }: LogViewProps) {
  const zone = useZone()
  const [from, setFrom] = useState(0)
  const { lines, isWhole, isCut, error } = useLog(run, step, isActive, from)
  const {
    ids,
    isWhole: isFound,
    error: notFound,
  } = useFound({ run, step, text: find, last: lines.at(-1)?.id, isActive })
  const scroller = useRef<HTMLDivElement>(null)
  const [follows, setFollows] = useState(line === undefined)
  const [wraps, setWraps] = useState(true)
  const found = useMemo(() => new Set(ids), [ids])
  const at = line === undefined ? -1 : lines.findIndex(({ id }) => id === line)
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 24,
    overscan: 15,
    getItemKey: (nth) => lines[nth]!.id,
  })
  useEffect(() => {
    if (isActive && follows && lines.length > 0) virtual.scrollToIndex(lines.length - 1, { align: 'end' })
  }, [isActive, follows, lines.length, virtual])
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at, { align: 'center' })
  }, [at, virtual])
  // Of a very long log the page has a part: a line that is elsewhere is gone to, with some before it.
  const isElsewhere =
    line !== undefined &&
    at < 0 &&
    (isWhole || isCut) &&
    lines.length > 0 &&
    (line > lines.at(-1)!.id || line < lines[0]!.id)
  useEffect(() => {
    if (isElsewhere && (isCut || from > 0)) setFrom(Math.max(0, line - before))
  }, [isElsewhere])
  const go = (by: 1 | -1): void => {
    const next = nextMatch(ids, line ?? -1, by)
    if (next === undefined) return
    setFollows(false)
    change({ line: next })
  }
  useKeys({ n: () => go(1), N: () => go(-1) })
  return (
    <section
      aria-label="Log"
      className="flex min-h-0 flex-col overflow-hidden rounded-lg border border-line bg-surface"
    >
      <header className="flex min-h-9 flex-wrap items-center gap-2 border-b border-line px-3 py-1">
        <h2 className="font-semibold">Log</h2>
        <span className="text-muted">
          {countOf(lines.length, 'line')}
          {isCut ? ' of more' : isWhole ? '' : ', reading…'}
          {from > 0 ? (
            <>
              {' from the middle. '}
              <button type="button" className="underline" onClick={() => setFrom(0)}>
                From the beginning
              </button>
            </>
          ) : null}
        </span>
        <span className="flex-1" />
        <input
          type="search"
          aria-label="Find in the log"
          placeholder="Find"
          className="field w-28 sm:w-44"
          value={find}
          onChange={({ target }) => change({ find: target.value === '' ? undefined : target.value })}
          onKeyDown={({ key, shiftKey }) => {
            if (key === 'Enter') go(shiftKey ? -1 : 1)
          }}
        />
        {find === '' ? null : (
          <>
            <span role="status" className="text-muted">
              {countOf(ids.length, 'match', 'matches')}
              {isFound ? '' : ' so far'}
            </span>
            <Button
              look="quiet"
              aria-label="Match before"
              icon={<ArrowUp size={14} aria-hidden />}
              onClick={() => go(-1)}
            />
            <Button
              look="quiet"
              aria-label="Next match"
              icon={<ArrowDown size={14} aria-hidden />}
              onClick={() => go(1)}
            />
          </>
        )}
        <Button
          look="quiet"
          aria-label="Wrap long lines"
          aria-pressed={wraps}
          title="Wrap long lines"
          className="aria-pressed:bg-chosen"
          icon={<WrapText size={14} aria-hidden />}
          onClick={() => setWraps(!wraps)}
        />
        {isActive ? (
          <Button
            look="quiet"
            aria-pressed={follows}
            className="aria-pressed:bg-chosen"
            icon={<ArrowDownToLine size={14} aria-hidden />}
            onClick={() => setFollows(!follows)}
          >
            Follow
          </Button>
        ) : null}
        <CopyButton label="Copy all lines" text={linesText(lines)} />
      </header>
      {error === null && notFound === null ? null : <Problem error={error ?? notFound} />}
      {lines.length === 0 && isWhole ? (
        <p className="px-3 py-4 text-muted">
          {isActive ? 'Nothing was written yet.' : 'Nothing was written.'} What code prints, and{' '}
          <code className="font-mono text-xs">log.info(…)</code>, appears here.
        </p>
      ) : null}
      <div
        ref={scroller}
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label="Lines"
        className="max-h-[60vh] min-h-0 overflow-auto font-mono text-xs"
        onWheel={({ deltaY }) => {
          if (deltaY < 0) setFollows(false)
        }}
      >
        <div className="relative min-w-full" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, key, start }) => {
            const one = lines[index]!
            return (
              <div
                key={key}
                ref={virtual.measureElement}
                data-index={index}
                className={classes(
                  'absolute left-0 flex min-w-full gap-3 px-3 py-1 leading-4',
                  one.id === line ? 'bg-chosen' : found.has(one.id) && 'bg-hover',
                )}
                style={{ transform: `translateY(${start}px)` }}
              >
                <button
                  type="button"
                  title={`${fullTime(one.at, zone)}: link to this line`}
                  onClick={() => change({ line: one.id === line ? undefined : one.id })}
                  className="-my-1 shrink-0 self-start py-1 text-muted hover:text-text hover:underline"
                >
                  {clockTime(one.at, zone)}
                </button>
                <span className={classes('w-11 shrink-0', levels[one.level])}>{one.level}</span>
                <span className={classes('min-w-0', wraps ? 'break-words whitespace-pre-wrap' : 'whitespace-pre')}>
                  {one.message}
                  {one.data === null ? null : <span className="text-muted"> {one.data}</span>}
                </span>
              </div>
            )
          })}
        </div>
      </div>
    </section>
  )
}
