import { type Limit, SluiceError, rateOf } from '@sluice/core'
import { type Frame, signalOf } from '../steps/frame.ts'

/** The limits of one process. Across processes they are the queue's. */
export interface LocalLimits {
  /** Takes one slot of each, in the order of their names; gives back what frees them. */
  take(frame: Frame, limits: readonly Limit[]): Promise<() => void>
  hold(frame: Frame | undefined, limit: Limit, slots: number): Promise<() => void>
}

interface Bucket {
  free: number
  readonly size: number
  readonly waiting: { readonly slots: number; readonly go: () => void }[]
  readonly holders: { readonly slots: number; readonly cancel: () => void }[]
  /** Milliseconds for one token; `undefined` for slots that are given back. */
  readonly refill: number | undefined
  timer: NodeJS.Timeout | undefined
}

const idOf = (limit: Limit): string => (limit.key === undefined ? limit.name : `${limit.name}\n${limit.key}`)

export function openLocalLimits(): LocalLimits {
  const buckets = new Map<string, Bucket>()

  const bucketOf = (limit: Limit): Bucket => {
    const id = idOf(limit)
    const existing = buckets.get(id)
    if (existing) return existing
    const rate = 'rate' in limit.options ? rateOf(limit.options.rate) : undefined
    const size = rate ? Math.max(1, Math.floor(rate.count)) : (limit.options as { atOnce: number }).atOnce
    const bucket: Bucket = { free: size, size, waiting: [], holders: [], refill: rate && rate.period / rate.count, timer: undefined }
    buckets.set(id, bucket)
    return bucket
  }

  const serve = (bucket: Bucket): void => {
    while (bucket.waiting[0] && bucket.waiting[0].slots <= bucket.free) {
      const next = bucket.waiting.shift()!
      bucket.free -= next.slots
      next.go()
    }
  }
  const refill = (bucket: Bucket): void => {
    if (bucket.refill === undefined || bucket.timer) return
    bucket.timer = setInterval(() => {
      bucket.free = Math.min(bucket.size, bucket.free + 1)
      serve(bucket)
      if (bucket.free < bucket.size) return
      clearInterval(bucket.timer)
      bucket.timer = undefined
    }, bucket.refill).unref()
  }

  const take = async (frame: Frame | undefined, limit: Limit, slots: number): Promise<() => void> => {
    const id = idOf(limit)
    const bucket = bucketOf(limit)
    if (slots > bucket.size) {
      throw new SluiceError('LIMIT_INVALID', `Limit "${limit.name}" has ${bucket.size} slots; ${slots} were asked for.`)
    }
    if (frame?.held.has(id)) return () => {} // re-entrant: a step inside a holder does not wait for it
    const full = 'full' in limit.options ? (limit.options.full ?? 'wait') : 'wait'
    if (bucket.free < slots && full === 'skip') {
      throw new SluiceError('LIMIT_FULL', `Limit "${limit.name}" is full, and its rule is to skip.`, { retryable: true })
    }
    if (bucket.free < slots && full === 'cancel-oldest') bucket.holders[0]?.cancel()
    if (bucket.free >= slots && bucket.waiting.length === 0) bucket.free -= slots
    else await queue(bucket, slots, frame)
    refill(bucket)
    if (bucket.refill !== undefined) return () => {}
    const holder = {
      slots,
      cancel: () => {
        release()
        if (frame) frame.onClose?.(new SluiceError('LIMIT_FULL', `"${frame.name}" made room for a newer call: limit "${limit.name}" cancels the oldest.`))
      },
    }
    bucket.holders.push(holder)
    const release = (): void => {
      const index = bucket.holders.indexOf(holder)
      if (index < 0) return
      bucket.holders.splice(index, 1)
      bucket.free += slots
      serve(bucket)
    }
    return release
  }

  const queue = (bucket: Bucket, slots: number, frame: Frame | undefined): Promise<void> =>
    new Promise((resolve, reject) => {
      const entry = { slots, go: resolve }
      bucket.waiting.push(entry)
      refill(bucket)
      if (!frame) return
      const signal = signalOf(frame)
      signal.addEventListener('abort', () => {
        const index = bucket.waiting.indexOf(entry)
        if (index < 0) return
        bucket.waiting.splice(index, 1)
        reject(signal.reason as Error)
      })
    })

  return {
    hold: take,
    async take(frame, limits) {
      const releases: (() => void)[] = []
      const mine = new Set(frame.held)
      // One order for everybody: two steps that want the same two limits never hold one each.
      for (const limit of limits.toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1))) {
        try {
          releases.push(await take(frame, limit, 1))
        } catch (error) {
          for (const release of releases) release()
          throw error
        }
        mine.add(idOf(limit))
      }
      Object.assign(frame, { held: mine })
      return () => {
        for (const release of releases) release()
      }
    },
  }
}
