import { crashPoint, type Store } from '@sluice/engine/store'
import { applyBatch } from '../commit.ts'
import { readsOf, type RunRead } from '../reads.ts'
import { connection } from './connection.ts'
import { storeError } from './errors.ts'
import type { OpenedDatabase } from './open.ts'

/**
 * The store on connections of this thread. A commit is one transaction, begun, filled and flushed before anything else
 * of this thread runs: the stores' functions are async for the sake of other databases, and never wait here.
 */
export function sqliteStore({ path, writer, reader }: OpenedDatabase): Store {
  const session = connection(writer)
  const failed = (error: unknown): never => {
    throw storeError(error, path)
  }
  const begin = writer.prepare('begin immediate')
  const end = writer.prepare('commit')
  let last: Promise<unknown> = Promise.resolve()
  const reading = new Set<Promise<unknown>>()

  const transaction: Store['commit'] = async (changes) => {
    begin.run()
    crashPoint('batch-open')
    try {
      const committed = await applyBatch(session, changes)
      crashPoint('batch-applied')
      end.run()
      crashPoint('batch-committed')
      return committed
    } catch (error) {
      if (writer.isTransaction) writer.exec('rollback')
      throw error
    }
  }

  const run: RunRead = (read) => {
    const result = last.then(read).catch(failed)
    const settled: Promise<unknown> = result.catch(() => {}).then(() => reading.delete(settled))
    reading.add(settled)
    return result
  }

  return {
    ...readsOf(reader === writer ? session : connection(reader), run),
    commit(changes) {
      const next = last.then(() => transaction(changes)).catch(failed)
      last = next.catch(() => {}) // whoever asked for it hears of it
      return next
    },
    async close() {
      await last
      await Promise.all(reading)
      if (reader !== writer) reader.close()
      writer.close()
    },
  }
}
