import { crashPoint } from '../crash-point.ts'

/** An outcome that an earlier process committed. */
export interface Recorded {
  readonly seq: number
  /** Was its call made while a delivery drained? Such a call is repeated before its turn comes. */
  readonly tracked: boolean
  /** What its call is named in a warning. */
  readonly name: string
}

/** Where in the order of outcomes a call was made. */
export interface Mark {
  readonly after: number
  readonly tracked: boolean
}

/**
 * The order in which outcomes reach user code: one at a time, by number, with everything that code does at once done
 * before the next. On a replay the recorded ones come first, so the code sees the order that it saw the first time.
 */
export interface Replay {
  mark(): Mark
  /**
   * The code has made the call of a recorded outcome: deliver it when its turn comes and `ready` (a large result that
   * is being read) has resolved.
   */
  called(recorded: Recorded, deliver: () => void, ready?: Promise<void>): void
  /** An outcome of this process is on disk: deliver it when its turn comes. */
  live(seq: number, deliver: () => void): void
  /** Runs the start of a function: calls made in it count as tracked. */
  start(fn: () => void): void
}

const patience = 5_000

/**
 * The rules (numbers as in the measurements that led here): recorded outcomes are delivered in order (7), past them
 * live ones (11). One whose call has not come holds back the others while nothing else could be delivered (8), or if
 * its call was made elsewhere (after a timer, a fetch) for at most 5 s in all (9); then it is passed over with a
 * warning (10), and still found when its call does come (6).
 *
 * @param list the recorded outcomes, by number; `onPassed` is told of each that was passed over.
 */
export function openReplay(list: readonly Recorded[], onPassed: (recorded: Recorded) => void): Replay {
  const waiting = new Map<number, { deliver: () => void; ready: boolean }>()
  const passed = new Set<number>()
  let live: ({ seq: number; deliver: () => void } | undefined)[] = []
  let head = 0
  let cursor = 0
  let last = 0
  let draining = false
  let budget = patience
  let timer: { since: number; handle: NodeJS.Timeout } | undefined

  const stopTimer = (): void => {
    if (!timer) return
    budget -= performance.now() - timer.since
    clearTimeout(timer.handle)
    timer = undefined
  }

  const drainedBy = (fn: () => void): void => {
    draining = true
    fn()
    // A microtask behind those that the delivery woke, then the tick behind all that they wake in turn.
    queueMicrotask(() =>
      process.nextTick(() => {
        draining = false
        pump()
      }),
    )
  }

  const deliver = (seq: number, fn: () => void): void => {
    last = Math.max(last, seq)
    drainedBy(fn)
    crashPoint('outcome-delivered')
  }

  const takeWaiting = (seq: number): void => {
    const one = waiting.get(seq)!
    if (!one.ready) return
    if (list[cursor]?.seq === seq) cursor++
    passed.delete(seq)
    waiting.delete(seq)
    deliver(seq, one.deliver)
  }
  const lowestWaiting = (among?: ReadonlySet<number>): number | undefined => {
    let lowest: number | undefined
    for (const seq of waiting.keys())
      if ((!among || among.has(seq)) && (lowest === undefined || seq < lowest)) lowest = seq
    return lowest
  }

  function pump(): void {
    if (draining) return
    stopTimer()
    const late = waiting.size > 0 && passed.size > 0 ? lowestWaiting(passed) : undefined
    if (late !== undefined) return takeWaiting(late)
    while (cursor < list.length) {
      const next = list[cursor]!
      if (waiting.has(next.seq)) return takeWaiting(next.seq)
      if (waiting.size === 0 && head === live.length) return
      if (!next.tracked && budget > 0) {
        timer = { since: performance.now(), handle: setTimeout(pump, budget) }
        return
      }
      passed.add(next.seq)
      onPassed(next)
      cursor++
    }
    const again = lowestWaiting()
    if (again !== undefined) return takeWaiting(again)
    if (head < live.length) {
      const { seq, deliver: fn } = live[head]!
      live[head++] = undefined // nothing that was delivered is kept
      if (head > 1_000) {
        live = live.slice(head)
        head = 0
      }
      deliver(seq, fn)
    }
  }

  return {
    mark: () => ({ after: last, tracked: draining }),
    called(recorded, fn, ready) {
      const one = { deliver: fn, ready: ready === undefined }
      waiting.set(recorded.seq, one)
      void ready?.then(() => {
        one.ready = true
        pump()
      })
      pump()
    },
    live(seq, fn) {
      live.push({ seq, deliver: fn })
      pump()
    },
    start: drainedBy,
  }
}
