import type { Configured, IoFactory } from '@sluice/core'
import { afterEach, beforeEach } from 'vitest'
import type { Store } from '../store/ports.ts'
import { memory } from '../values/memory.ts'
import { type Harness, harness } from './harness.ts'
import type { Clock } from './session.ts'

export interface Opened {
  /** Of the test that runs. */
  readonly h: Harness
  /** The same store, with other configuration. */
  configured(...configured: readonly Configured[]): Promise<Harness>
  /** The same store, on another clock. */
  on(clock: Clock): Promise<Harness>
  /** The same store, at a moment, where waits take no time. */
  at(clock: { now: number }): Promise<Harness>
}

/** A store in memory, and values too, for each test of a file. */
export function withHarness(open: (path: string) => Promise<Store>): Opened {
  let io: IoFactory
  let h: Harness
  beforeEach(async () => {
    io = memory()
    h = await harness(await open(':memory:'), '.', [], undefined, io)
  })
  afterEach(async () => {
    await h.values.close()
    await h.store.close()
  })
  const on = (clock: Clock): Promise<Harness> => harness(h.store, '.', [], clock, io)
  return {
    get h() {
      return h
    },
    on,
    configured: (...configured) => harness(h.store, '.', configured, undefined, io),
    at: (clock) => on({ now: () => clock.now, after: soon }),
  }
}

function soon(_ms: number, then: () => void): () => void {
  const handle = setImmediate(then)
  return () => clearImmediate(handle)
}
