import { describe, expect, test, vi } from 'vitest'
import { isTold, openLive } from './live.ts'

const never = new AbortController().signal

describe('who waits', () => {
  test('for events is not woken by steps and lines, of which none tells', async () => {
    const live = openLive()
    const woken = vi.fn<() => void>()
    const waits = live.next(60_000, never).then(woken)
    live.written(['r1'])
    await Promise.resolve()
    expect(woken).not.toHaveBeenCalled()
    live.wake()
    await waits
  })

  test('for what was written is woken by the first run of it, and not again before it was told', async () => {
    const live = openLive()
    const touched = live.touched(never)
    const waits = live.next(60_000, never, touched)
    live.written(['r1'])
    await waits
    expect([...touched]).toEqual(['r1'])
    const woken = vi.fn<() => void>()
    void live.next(60_000, never).then(woken)
    live.written(['r2'])
    await Promise.resolve()
    expect(woken).not.toHaveBeenCalled()
    expect([...touched]).toEqual(['r1', 'r2'])
  })
})

test('a commit of nothing but steps and lines is told by no event', () => {
  const step = { change: 'step.record' } as never
  const end = { change: 'run.end' } as never
  expect(isTold([step, { change: 'log.add' } as never])).toBe(false)
  expect(isTold([step, end])).toBe(true)
})
