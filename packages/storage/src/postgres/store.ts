import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Change, Store } from '@sluice/engine/store'
import { readsOf, type RunRead } from '../reads.ts'
import { pgSession } from './connection.ts'
import type { Connections } from './connections.ts'
import { isLost, outage, pgError } from './errors.ts'
import type { Items } from './transaction.ts'
import { openWrites } from './writes.ts'

/** A store on a database that other processes write to as well. */
export interface SharedStore extends Store {
  /** Calls `heard` when another store has committed something that this one's may wait for; until the function it gives is called. */
  listen(heard: () => void): () => Promise<void>
}

export interface StoreOptions {
  readonly connections: Connections
  /** The address, for messages. */
  readonly shown: string
  readonly patience: number
}

/** What nobody in another process waits for. */
const quiet = new Set<Change['change']>([
  'step.record',
  'log.add',
  'cache.put',
  'blob.put',
  'worker.renew',
  'sensor.lease',
])

/** How long a close waits for a database that does not answer before it gives up, in milliseconds. */
const LAST_WAIT = 5_000

/** The store on connections. Writes go one transaction at a time; reads beside each other, after what was asked before. */
export function postgresStore({ connections, shown, patience }: StoreOptions): SharedStore {
  const name = randomUUID()
  const announce = openAnnouncer(connections, name)
  const writes = openWrites({
    connections,
    shown,
    patience,
    committed: (items) => {
      if (items.some(isLoud)) announce.soon()
    },
  })
  const session = pgSession(connections.reader)
  const reading = new Set<Promise<unknown>>()
  const listeners = new Set<{ end(): Promise<void> }>()
  let closing = false

  async function reaching<T>(read: () => Promise<T>): Promise<T> {
    const since = performance.now()
    for (let pause = 50; ; pause = Math.min(pause * 2, 2_000)) {
      try {
        return await read()
      } catch (error) {
        if (!isLost(error)) throw pgError(error, shown)
        if (closing || performance.now() - since > patience) throw outage(error, shown)
        await sleep(pause)
      }
    }
  }
  const run: RunRead = (read) => {
    const result = writes.settled().then(() => reaching(read))
    const settled: Promise<unknown> = result.catch(() => {}).then(() => reading.delete(settled))
    reading.add(settled)
    return result
  }

  return {
    ...readsOf(session, run),
    commit: (items) => writes.commit(items),
    listen(heard) {
      const own = connections.listen((word) => word !== name && heard())
      listeners.add(own)
      return async () => {
        listeners.delete(own)
        await own.end()
      }
    },
    async close() {
      const giveUp = setTimeout(() => {
        closing = true
        writes.hurry()
      }, LAST_WAIT)
      await writes.settled()
      await Promise.all(reading)
      clearTimeout(giveUp)
      await announce.settled()
      await Promise.all([...listeners].map((one) => one.end()))
      await connections.close()
    },
  }
}

const isLoud = (item: Items[number]): boolean => ('change' in item ? !quiet.has(item.change) : item.some(isLoud))

/**
 * Numbers events and wakes other processes, after commits and apart from them: `notify` inside a transaction would make
 * all commits of the database wait for each other. What it leaves undone is done by the next one, or by who reads.
 */
function openAnnouncer({ reader }: Connections, name: string) {
  let isDue = false
  let going: Promise<void> | undefined
  const announce = async (): Promise<void> => {
    while (isDue) {
      isDue = false
      await reader
        .query(`select number_events(), pg_notify('sluice_' || current_schema(), $1)`, [name], 'sluice_announce')
        .catch(() => {})
    }
    going = undefined
  }
  return {
    soon() {
      isDue = true
      going ??= announce()
    },
    settled: () => going,
  }
}
