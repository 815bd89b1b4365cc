import { setTimeout as sleep } from 'node:timers/promises'
import { SluiceError } from '@sluice/core'
import type { Committed } from '@sluice/engine/store'
import type { Connections } from './connections.ts'
import { isConflict, isLost, outage, pgError } from './errors.ts'
import { fateOf, type Items, transact, UnknownFate } from './transaction.ts'

export interface WriteOptions {
  readonly connections: Connections
  /** The address, for messages. */
  readonly shown: string
  /** Milliseconds that a write waits for a database that does not answer. */
  readonly patience: number
  /** Called after every commit. */
  readonly committed: (items: Items) => void
}

export interface Writes {
  commit(items: Items): Promise<readonly Committed[]>
  /** Settles when everything that was asked so far is answered. */
  settled(): Promise<unknown>
  /** Waits no longer for a database that does not answer. */
  hurry(): void
}

interface Waiting {
  readonly items: Items
  readonly since: number
  resolve(answers: readonly Committed[]): void
  reject(error: Error): void
}

/** Changes of one transaction at most: what waits longer than that goes into the next. */
const MOST = 5_000
/** Attempts after which a conflict is no coincidence. */
const MOST_CONFLICTS = 30
/** Between attempts to reach the database, in milliseconds. */
const SOONEST = 50
const LATEST = 2_000

/**
 * The writes of a process, one transaction after another, in the order they were asked for: what waits at the same
 * moment shares one. Conflicts with other processes are tried again, and so is everything after a lost connection; of
 * a commit of unknown fate the database is asked whether it happened.
 */
export function openWrites({ connections, shown, patience, committed }: WriteOptions): Writes {
  const waiting: Waiting[] = []
  let isWriting = false
  let last: Promise<unknown> = Promise.resolve()
  let isHurried = false

  const isOver = (since: number): boolean => isHurried || performance.now() - since > patience

  /** Runs `work` until it ends otherwise than by a lost connection. */
  async function reaching<T>(since: number, work: () => Promise<T>): Promise<T> {
    for (let pause = SOONEST; ; pause = Math.min(pause * 2, LATEST)) {
      try {
        return await work()
      } catch (error) {
        if (!isLost(error)) throw error
        await connections.dropWriter()
        if (isOver(since)) throw outage(error, shown)
        await sleep(pause)
      }
    }
  }

  async function write(items: Items, since: number): Promise<readonly Committed[]> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await reaching(since, async () => transact(await connections.writer(), items))
      } catch (error) {
        if (error instanceof UnknownFate) {
          await connections.dropWriter()
          if (await happened(error, since)) return error.answers
        } else if (isConflict(error) && attempt < MOST_CONFLICTS) {
          await sleep(Math.random() * Math.min(200, 5 * attempt))
        } else throw error
      }
    }
  }

  const happened = (unknown: UnknownFate, since: number): Promise<boolean> =>
    reaching(since, async () => {
      for (;;) {
        const fate = await fateOf(await connections.writer(), unknown.transaction)
        if (fate !== null) return fate
        await sleep(SOONEST) // the server has not seen yet that its client is gone
      }
    })

  async function serve(group: readonly Waiting[]): Promise<void> {
    try {
      const { since } = group[0]!
      const answers = await write(
        group.flatMap(({ items }) => items),
        since,
      )
      let from = 0
      for (const one of group) {
        committed(one.items)
        one.resolve(answers.slice(from, (from += one.items.length)))
      }
    } catch (error) {
      const failed = pgError(error, shown)
      const helpsNobody = group.length === 1 || (failed instanceof SluiceError && outages.has(failed.code))
      if (helpsNobody) for (const one of group) one.reject(failed)
      else for (const one of group) await serve([one]) // only what cannot be stored fails
    }
  }

  async function work(): Promise<void> {
    isWriting = true
    while (waiting.length > 0) {
      let count = 0
      let size = 0
      while (count < waiting.length && (count === 0 || size + waiting[count]!.items.length <= MOST))
        size += waiting[count++]!.items.length
      await serve(waiting.splice(0, count))
    }
    isWriting = false
  }

  return {
    commit(items) {
      const asked = new Promise<readonly Committed[]>((resolve, reject) => {
        waiting.push({ items, since: performance.now(), resolve, reject })
      })
      last = asked.catch(() => {})
      if (!isWriting) void work()
      return asked
    },
    settled: () => last,
    hurry() {
      isHurried = true
    },
  }
}

/** Nothing can be written now: trying them one by one would not help. */
const outages: ReadonlySet<string> = new Set(['STORE_UNREACHABLE', 'STORE_FULL', 'STORE_READ_ONLY', 'STORE_BUSY'])
