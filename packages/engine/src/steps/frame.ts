import { AsyncLocalStorage } from 'node:async_hooks'
import { SluiceError, type Step } from '@sluice/core'
import type { Session } from '../runs/session.ts'
import type { Entry } from './journal.ts'
import type { Replay } from './replay.ts'

/** One attempt of one step: what the calls made in its code belong to. */
export interface Frame {
  readonly session: Session
  readonly parent: Frame | undefined
  readonly entry: Entry
  readonly name: string
  readonly attempt: number
  readonly replay: Replay
  /** The row as it would be recorded now. */
  row: Step
  /** Is that row, or a later one, on its way to the store? */
  posted: boolean
  readonly startedAt: number
  /** How many attempts of its calls go on. */
  children: number
  /** Its neighbours among those that run. */
  previous: Frame | undefined
  next: Frame | undefined
  /** Calls that have not come back, and who waits until none is left. */
  inFlight: number
  idle: (() => void) | undefined
  /** Why calls from this attempt are refused; `'ended'` where it simply is over. */
  closed: Error | 'ended' | undefined
  onClose: ((reason: Error) => void) | undefined
  /** Names of limits that are held here or above. */
  readonly held: Set<string>
  abort: AbortController | undefined
}

/** The frame that code is in. Its type is its own words, as published types need none of Node's. */
export const frames: {
  getStore(): Frame | undefined
  run<T>(frame: Frame, body: (frame: Frame) => T, ...args: [Frame]): T
} = new AsyncLocalStorage<Frame>()

export function openFrame(
  parts: Pick<Frame, 'session' | 'parent' | 'entry' | 'name' | 'attempt' | 'replay' | 'row'>,
): Frame {
  const { session, parent, entry, name, attempt, replay, row } = parts
  const frame: Frame = {
    session,
    parent,
    entry,
    name,
    attempt,
    replay,
    row,
    posted: false,
    startedAt: performance.now(),
    children: 0,
    previous: undefined,
    next: undefined,
    inFlight: 0,
    idle: undefined,
    closed: undefined,
    onClose: undefined,
    held: parts.parent?.held ?? noneHeld,
    abort: undefined,
  }
  if (parts.parent) parts.parent.children++
  parts.session.running.add(frame)
  return frame
}
const noneHeld: Set<string> = new Set()

/** Aborted on timeout, on cancel, and when the step that it is part of is given up. Made when first asked for. */
export function signalOf(frame: Frame): AbortSignal {
  frame.abort ??= new AbortController()
  const reason = closedBy(frame) ?? frame.session.stopped
  if (reason && !frame.abort.signal.aborted) frame.abort.abort(reason)
  return frame.abort.signal
}

/** Gives an attempt up, with all that runs below it: late results publish nothing, calls from it are refused. */
export function closeFrame(frame: Frame, reason: Error | 'ended'): void {
  if (frame.closed) return
  frame.closed = reason
  const { running } = frame.session
  running.delete(frame)
  if (frame.parent) frame.parent.children--
  if (frame.children > 0) for (const one of running.all()) if (one.parent === frame) closeFrame(one, reason)
  if (frame.onClose || frame.abort) {
    const error = closedBy(frame)!
    frame.onClose?.(error)
    if (frame.abort && !frame.abort.signal.aborted) frame.abort.abort(error)
  }
}

/** Why the attempt was given up, or that it is over; `undefined` while it goes on. The error is made only when asked for. */
export function closedBy(frame: Frame): Error | undefined {
  return frame.closed === 'ended' ? attemptClosed(frame) : frame.closed
}

/** What ended well is closed too: code that it left behind must not call on as if it were going on. */
export function attemptClosed(frame: Frame): SluiceError {
  return new SluiceError(
    'ATTEMPT_CLOSED',
    `Attempt ${frame.attempt} of "${frame.name}" has ended; a call from it is refused.`,
    {
      hint: 'Await everything that a step starts before it returns.',
    },
  )
}
