import type { LogLine } from '@sluice/core'
import { useEffect, useState } from 'react'
import { client } from '../frame/client.ts'
import { onTouched } from '../frame/live.ts'

export interface Log {
  readonly lines: readonly LogLine[]
  /** Everything that there is now was read. */
  readonly isWhole: boolean
  /** It has more lines than the page keeps. */
  readonly isCut: boolean
  readonly error: unknown
}

/** Lines that are kept in the page. */
const most = 200_000
/** While it goes on, where nobody says that there is more. In milliseconds. */
const pace = 1_000
const empty: Log = { lines: [], isWhole: false, isCut: false, error: null }

/**
 * What a run wrote, page after page; while it goes on, what it writes. A line never changes, so none is read twice.
 *
 * @param from Begins behind the line with this id; 0: with the first.
 */
export function useLog(run: string, step: number | undefined, isActive: boolean, from: number): Log {
  const [log, setLog] = useState<Log>(empty)
  useEffect(() => {
    const stop = new AbortController()
    let last: number | null = from === 0 ? null : from
    let lines: readonly LogLine[] = []
    setLog(empty)
    let isNew = false
    let wake: (() => void) | undefined
    const stopWatching = onTouched(run, () => {
      isNew = true
      wake?.()
    })
    const read = async (): Promise<void> => {
      for (;;) {
        const page: { lines: LogLine[]; next: string | null } = await client.runs.logs(
          {
            run,
            limit: 5000,
            ...(step !== undefined && { step }),
            ...(last !== null && { cursor: String(last) }),
          },
          { signal: stop.signal },
        )
        lines = lines.concat(page.lines)
        last = page.lines.at(-1)?.id ?? last
        const isWhole = page.next === null
        const isCut = !isWhole && lines.length >= most
        setLog({ lines, isWhole, isCut, error: null })
        if (isWhole || isCut) return
      }
    }
    const keep = async (): Promise<void> => {
      do {
        try {
          isNew = false
          if (!document.hidden) await read()
        } catch (error) {
          if (stop.signal.aborted) return
          setLog((before) => ({ ...before, error }))
        }
        if (isNew) continue
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, pace)
          wake = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      } while (isActive && !stop.signal.aborted)
    }
    void keep()
    return () => {
      stop.abort()
      stopWatching()
      wake?.()
    }
  }, [run, step, isActive, from])
  return log
}
