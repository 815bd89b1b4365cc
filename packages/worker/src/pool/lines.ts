import type { LineLevel } from '@sluice/core'
import { stepMark, tornMark } from '../step-mark.ts'

export interface OutputLine {
  readonly at: number
  readonly level: LineLevel
  readonly message: string
  readonly step: number
}

/** Characters that are sent at once: what waits on the way takes memory there. */
const atOnce = 256 * 1024

/** The most that is kept of one line, in characters. */
const longest = 64 * 1024

/**
 * Makes lines of what a process prints, each of the step that the marks between them name. A longer line than 64 K is cut, and says how much is missing; more than `most`
 * bytes of one run are counted and not kept, so that no program fills the store.
 */
export function openLines({
  send,
  now,
  most = 64 * 1024 * 1024,
}: {
  readonly send: (lines: readonly OutputLine[]) => void
  readonly now: () => number
  readonly most?: number
}) {
  const streams = { stdout: streamOf(), stderr: streamOf() }
  let waiting: OutputLine[] = []
  let size = 0
  let kept = 0
  let dropped = 0
  let timer: NodeJS.Timeout | undefined

  const flush = (): void => {
    clearTimeout(timer)
    timer = undefined
    if (waiting.length === 0) return
    send(waiting)
    waiting = []
    size = 0
  }
  const line = (stream: Name, step: number, { text, cut }: Rest): void => {
    kept += text.length
    if (kept > most) {
      if (dropped++ === 0)
        waiting.push({
          at: now(),
          level: 'warn',
          step: 0,
          message: `More than ${Math.round(most / 1024 / 1024)} MB were printed; the rest is not kept.`,
        })
      return
    }
    const message = cut === 0 ? text : `${text} … (${cut} more characters were cut)`
    waiting.push({ at: now(), level: stream, step, message })
    size += message.length
    if (waiting.length >= 200 || size >= atOnce) flush()
    else timer ??= setTimeout(flush, 100)
  }

  /** Of the step that prints now. */
  const split = (stream: Name, text: string): void => {
    const { step, rests } = streams[stream]
    let from = 0
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', from)) {
      line(stream, step, joined(rests.get(step), text.slice(from, at)))
      rests.delete(step)
      from = at + 1
    }
    if (from < text.length) rests.set(step, joined(rests.get(step), text.slice(from)))
  }

  return {
    add(text: string, stream: Name): void {
      const its = streams[stream]
      const all = its.torn + text
      its.torn = tornMark.exec(all)?.[0] ?? ''
      const [first = '', ...marked] = all.slice(0, all.length - its.torn.length).split(stepMark)
      split(stream, first)
      for (let nth = 0; nth < marked.length; nth += 2) {
        its.step = Number(marked[nth])
        split(stream, marked[nth + 1]!)
      }
    },
    /** What is left without an end of line, and what waits. */
    end(): void {
      for (const stream of ['stdout', 'stderr'] as const) {
        for (const [step, rest] of streams[stream].rests) line(stream, step, rest)
        streams[stream] = streamOf()
      }
      flush()
    },
  }
}

type Name = 'stdout' | 'stderr'

/** What has no end of line yet, and how much of it was cut. */
interface Rest {
  readonly text: string
  readonly cut: number
}

const streamOf = () => ({ step: 0, torn: '', rests: new Map<number, Rest>() })

function joined({ text, cut }: Rest = { text: '', cut: 0 }, more: string): Rest {
  const room = Math.max(0, longest - text.length)
  return more.length <= room
    ? { text: text + more, cut }
    : { text: text + more.slice(0, room), cut: cut + more.length - room }
}
