import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Configured } from '@sluice/core'
import { openSqliteInProcess } from '@sluice/storage'
import { afterEach, beforeEach } from 'vitest'
import { type Harness, harness } from './harness.ts'

export interface Opened {
  /** Of the test that runs. */
  readonly h: Harness
  /** The same store, with other configuration. */
  configured(...configured: readonly Configured[]): Promise<Harness>
  /** The same store, at a moment, where waits take no time. */
  at(clock: { now: number }): Promise<Harness>
}

function soon(_ms: number, then: () => void): () => void {
  const handle = setImmediate(then)
  return () => clearImmediate(handle)
}

/** A store in memory and a folder for values, for each test of a file. */
export function withHarness(): Opened {
  let home = ''
  let h: Harness
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'sluice-engine-'))
    h = await harness(await openSqliteInProcess(':memory:'), home)
  })
  afterEach(async () => {
    await h.values.close()
    await h.store.close()
    await rm(home, { recursive: true })
  })
  return {
    get h() {
      return h
    },
    configured: (...configured) => harness(h.store, home, configured),
    at: (clock) => harness(h.store, home, [], { now: () => clock.now, after: soon }),
  }
}
