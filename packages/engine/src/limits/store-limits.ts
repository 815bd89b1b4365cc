import { type Limit, type LimitClaim, SluiceError, type WaitingFor, rateOf } from '@sluice/core'
import { type Frame, closeFrame, signalOf } from '../steps/frame.ts'
import { stale } from '../steps/within.ts'
import type { Store } from '../store/ports.ts'
import { findCircle } from './circle.ts'
import { type Limits, holdIn, idOf, takeEach } from './limits.ts'
import { pause } from '../steps/pause.ts'

/** How often a step in line asks whether it is its turn, in milliseconds: soon at first, then less often. */
const pace = (waited: number): number => (waited < 2_000 ? 40 : 250)
/** How often it is looked at whether everybody in line waits for somebody else in line. */
const circleEvery = 2_000
/** How often who holds a limit that cancels the oldest looks whether somebody waits. */
const giveWayEvery = 250

type Waiter = {
  readonly frame: Frame
  readonly since: number
  readonly go: () => void
  readonly fail: (e: Error) => void
}

/**
 * Limits that all processes share that have the store: slots belong to a run and its epoch, and are freed with it.
 * What a step waits for is recorded with those who held it then.
 */
export function openStoreLimits(store: Store): Limits {
  const line = new Map<Waiter, Limit>()
  const holding = new Map<Frame, Set<Limit>>()
  let asking: NodeJS.Timeout | undefined
  let watching: NodeJS.Timeout | undefined
  let lookedAt = 0

  const write = async (frame: Frame, limit: Limit, count: number): Promise<boolean> => {
    const { session, entry } = frame
    const change = { change: 'slot.take', run: session.run.id, epoch: session.run.epoch, step: entry.step } as const
    const at = session.clock.now()
    // In the order of what the run writes: never before what an attempt before gave back.
    const done = await session.outbox.add({ ...change, claim: claimOf(limit), count, at })
    if (done.ok) return true
    if (done.code === 'LIMIT_FULL') return false
    const error = stale(session.run.id)
    session.stop(error)
    throw error
  }

  const free = (frame: Frame, limit: Limit): void => {
    const { session, entry } = frame
    const its = holding.get(frame)
    its?.delete(limit)
    if (its?.size === 0) holding.delete(frame)
    const { name, key = null } = limit
    const run = { run: session.run.id, epoch: session.run.epoch, step: entry.step }
    // What cannot be written now is freed with the run.
    session.outbox.post({ change: 'slot.free', ...run, limit: { name, key }, at: session.clock.now() })
  }

  const ask = (): void => {
    asking = undefined
    const waiters = [...line.keys()]
    if (waiters.length === 0) return
    const [{ frame }] = waiters as [Waiter]
    const steps = [...new Set(waiters.map((one) => one.frame.entry.step))]
    const now = performance.now()
    const waited = now - Math.min(...waiters.map(({ since }) => since))
    store.slots
      .granted(frame.session.run.id, steps)
      .then(async (granted) => {
        for (const one of waiters) if (granted.includes(one.frame.entry.step)) one.go()
        if (waited > circleEvery && now - lookedAt > circleEvery && line.size > 0) {
          lookedAt = now
          await refuseCircles()
        }
      })
      // The store is away: asked again when it may be back.
      .catch(() => {})
      .finally(() => {
        if (line.size > 0) asking ??= setTimeout(ask, pace(waited))
      })
  }

  const refuseCircles = async (): Promise<void> => {
    for (const [waiter, limit] of line) {
      const { frame } = waiter
      const circle = await findCircle(store, {
        run: frame.session.run.id,
        step: frame.entry.step,
        limit: claimOf(limit),
      })
      if (circle) waiter.fail(circleError(frame, limit, circle))
    }
  }

  const stand = (frame: Frame, limit: Limit): Promise<void> =>
    new Promise((resolve, reject) => {
      const signal = signalOf(frame)
      const settle = (then: () => void): void => {
        if (!line.delete(waiter)) return
        signal.removeEventListener('abort', leave)
        then()
      }
      const fail = (error: Error): void =>
        settle(() => {
          free(frame, limit)
          reject(error)
        })
      const leave = (): void => fail(signal.reason as Error)
      const waiter: Waiter = { frame, since: performance.now(), fail, go: () => settle(resolve) }
      line.set(waiter, limit)
      if (signal.aborted) return leave()
      signal.addEventListener('abort', leave, { once: true })
      asking ??= setTimeout(ask, pace(0))
    })

  /** The oldest holders give way to as many as stand in line. */
  const giveWay = async (): Promise<void> => {
    for (const [frame, limits] of holding) {
      for (const limit of limits) {
        const { name, key = null } = limit
        const waiting = await store.slots.waiting({ name, key })
        if (waiting.length === 0) continue
        const oldest = await store.slots.held({ name, key, limit: waiting.length })
        const isOld = oldest.some(({ run, step }) => run === frame.session.run.id && step === frame.entry.step)
        if (isOld) closeFrame(frame, madeRoom(frame, limit))
      }
    }
  }
  const watch = (): void => {
    watching ??= setInterval(() => {
      if (holding.size > 0) return void giveWay().catch(() => {})
      clearInterval(watching)
      watching = undefined
    }, giveWayEvery)
    watching.unref()
  }

  const take = async (frame: Frame, limit: Limit, count: number): Promise<() => void> => {
    if ('rate' in limit.options) return takeToken(frame, limit, limit.options.rate)
    const { full } = limit.options
    if (!(await write(frame, limit, count))) {
      if (full === 'skip') throw skipped(limit)
      await tellWaiting(store, frame, limit)
      await stand(frame, limit)
      frame.posted = false // that it goes on is told as well
    }
    if (full === 'cancel-oldest') {
      holding.set(frame, (holding.get(frame) ?? new Set()).add(limit))
      watch()
    }
    return () => free(frame, limit)
  }

  // Of one process only the first asks for a token: the others come after it.
  const tails = new Map<string, Promise<unknown>>()
  const takeToken = (frame: Frame, limit: Limit, rate: Parameters<typeof rateOf>[0]): Promise<() => void> => {
    const { count, period } = rateOf(rate)
    const id = idOf(limit)
    const first = async (): Promise<() => void> => {
      let told = false
      for (; !(await write(frame, limit, 1)); told = true) {
        if (!told) await tellWaiting(store, frame, limit, frame.session.clock.now() + period / count)
        await pause(Math.min(5_000, Math.max(10, (period / count) * (0.5 + Math.random() / 2))), signalOf(frame))
      }
      if (told) frame.posted = false
      return () => {}
    }
    const mine = (tails.get(id) ?? Promise.resolve()).then(first, first)
    tails.set(id, mine)
    mine.catch(() => {})
    return mine
  }

  return {
    hold: (frame, limit, slots) => holdIn(frame, limit, slots, () => take(frame, limit, slots)),
    take: (frame, limits) => takeEach(frame, limits, (limit) => take(frame, limit, 1)),
  }
}

const claimOf = ({ name, key, options }: Limit): LimitClaim => ({ name, key: key ?? null, options })

/** Puts what a step waits for, and for whom, into its row. */
async function tellWaiting(store: Store, frame: Frame, limit: Limit, until?: number): Promise<void> {
  const { name, key } = limit
  const held = await store.slots.held({ name, key: key ?? null, limit: 5 })
  const holders = [...new Set(held.map(({ run }) => run))]
  const waitingFor: WaitingFor = {
    for: 'turn',
    limit: name,
    since: frame.session.clock.now(),
    ...(key && { key }),
    ...(holders.length > 0 && { holders }),
    ...(until !== undefined && { until: Math.ceil(until) }),
  }
  frame.row = { ...frame.row, state: 'waiting', waitingFor }
  frame.posted = false
}

const skipped = ({ name }: Limit): SluiceError =>
  new SluiceError('LIMIT_FULL', `Limit "${name}" is full, and its rule is to skip.`, { retryable: true })

const madeRoom = ({ name }: Frame, limit: Limit): SluiceError =>
  new SluiceError('LIMIT_FULL', `"${name}" made room for a newer call: limit "${limit.name}" cancels the oldest.`)

function circleError({ name }: Frame, limit: Limit, circle: readonly string[]): SluiceError {
  return new SluiceError(
    'LIMIT_CIRCLE',
    `"${name}" waits for the limit "${limit.name}", and those who hold it wait for this run: ${circle.join(', ')}.`,
    { hint: 'Take limits in one order everywhere, or give one back before you take the next.', retryable: true },
  )
}
