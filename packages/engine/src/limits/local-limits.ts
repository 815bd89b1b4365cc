import { type Limit, SluiceError, rateOf } from '@sluice/core'
import { type Clock, waitOn } from '../runs/session.ts'
import { type Frame, closeFrame, signalOf } from '../steps/frame.ts'
import { type Limits, holdIn, idOf, sizeOf, takeEach } from './limits.ts'

interface Waiter {
  readonly slots: number
  readonly go: () => void
}

interface Bucket {
  free: number
  readonly size: number
  readonly waiting: Waiter[]
  readonly holders: { readonly cancel: () => void }[]
  /** Of a rate; `undefined` for slots that are given back. */
  readonly rate: { readonly perToken: number; filledAt: number; timer: (() => void) | undefined } | undefined
}

/** A token bucket is refilled by the monotonic clock, or by the run's own where that can wait (a test's). */
const paceOf = ({ session: { clock } }: Frame): Clock => (clock.after ? clock : monotonic)
const monotonic: Clock = { now: () => performance.now() }

/** The limits of one process: what a run waits for that no server hands out. */
export function openLocalLimits(): Limits {
  const buckets = new Map<string, Bucket>()

  const bucketOf = (limit: Limit, pace: Clock): Bucket => {
    const id = idOf(limit)
    let bucket = buckets.get(id)
    if (!bucket) buckets.set(id, (bucket = openBucket(limit, pace)))
    return bucket
  }

  const take = async (frame: Frame, limit: Limit, slots: number): Promise<() => void> => {
    const pace = paceOf(frame)
    const bucket = bucketOf(limit, pace)
    refill(bucket, pace)
    const full = 'full' in limit.options ? (limit.options.full ?? 'wait') : 'wait'
    const isFull = bucket.free < slots || bucket.waiting.length > 0
    if (isFull && full === 'skip') {
      throw new SluiceError('LIMIT_FULL', `Limit "${limit.name}" is full, and its rule is to skip.`, {
        retryable: true,
      })
    }
    if (full === 'cancel-oldest') while (bucket.free < slots && bucket.holders[0]) bucket.holders[0].cancel()
    if (bucket.free >= slots && bucket.waiting.length === 0) bucket.free -= slots
    else await queue(bucket, slots, frame, pace)
    return bucket.rate ? () => {} : holding(bucket, slots, frame, limit)
  }

  return {
    hold: (frame, limit, slots) => holdIn(frame, limit, slots, () => take(frame, limit, slots)),
    take: (frame, limits) => takeEach(frame, limits, (limit) => take(frame, limit, 1)),
  }
}

function openBucket(limit: Limit, pace: Clock): Bucket {
  const base = { waiting: [], holders: [] }
  if (!('rate' in limit.options))
    return { ...base, free: limit.options.atOnce, size: limit.options.atOnce, rate: undefined }
  const { count, period } = rateOf(limit.options.rate)
  const size = sizeOf(limit)
  return { ...base, free: size, size, rate: { perToken: period / count, filledAt: pace.now(), timer: undefined } }
}

function serve(bucket: Bucket): void {
  while (bucket.waiting[0] && bucket.waiting[0].slots <= bucket.free) {
    const next = bucket.waiting.shift()!
    bucket.free -= next.slots
    next.go()
  }
}

/** Adds the tokens that time has brought. While somebody waits, comes back for the next one. */
function refill(bucket: Bucket, pace: Clock): void {
  const { rate } = bucket
  if (!rate) return
  const tokens = Math.floor((pace.now() - rate.filledAt) / rate.perToken)
  if (tokens > 0) {
    bucket.free = Math.min(bucket.size, bucket.free + tokens)
    rate.filledAt += tokens * rate.perToken
    serve(bucket)
  }
  // A full bucket gathers nothing: the next token counts from when one is taken.
  if (bucket.free === bucket.size) rate.filledAt = pace.now()
  if (bucket.waiting.length === 0 || rate.timer) return
  rate.timer = waitOn(pace, Math.max(1, Math.ceil(rate.filledAt + rate.perToken - pace.now())), () => {
    rate.timer = undefined
    refill(bucket, pace)
  })
}

function holding(bucket: Bucket, slots: number, frame: Frame, limit: Limit): () => void {
  const holder = {
    cancel: () => {
      release()
      closeFrame(
        frame,
        new SluiceError(
          'LIMIT_FULL',
          `"${frame.name}" made room for a newer call: limit "${limit.name}" cancels the oldest.`,
        ),
      )
    },
  }
  const release = (): void => {
    const index = bucket.holders.indexOf(holder)
    if (index < 0) return
    bucket.holders.splice(index, 1)
    bucket.free += slots
    serve(bucket)
  }
  bucket.holders.push(holder)
  return release
}

function queue(bucket: Bucket, slots: number, frame: Frame, pace: Clock): Promise<void> {
  return new Promise((resolve, reject) => {
    const signal = signalOf(frame)
    const leave = (): void => {
      const index = bucket.waiting.indexOf(waiter)
      if (index >= 0) bucket.waiting.splice(index, 1)
      reject(signal.reason as Error)
    }
    const waiter: Waiter = {
      slots,
      go: () => {
        signal.removeEventListener('abort', leave)
        resolve()
      },
    }
    if (signal.aborted) return leave()
    bucket.waiting.push(waiter)
    signal.addEventListener('abort', leave, { once: true })
    refill(bucket, pace)
  })
}
