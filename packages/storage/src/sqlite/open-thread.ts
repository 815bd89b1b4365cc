import { once } from 'node:events'
import { MessageChannel, Worker } from 'node:worker_threads'
import { connectStore, portChannel, type PackedError, type Store, unpackError } from '@sluice/engine/store'
import type { OpenOptions } from './open-database.ts'

const fromSource = import.meta.url.endsWith('.ts')
const program = new URL(fromSource ? './thread.ts' : './thread.js', import.meta.url)

/**
 * Opens the store in a thread of its own: no write and no long read blocks this one. The thread does not keep the
 * process alive, but an answer that somebody waits for does.
 */
export async function openSqliteStore(options: OpenOptions): Promise<Store> {
  const { port1: port, port2 } = new MessageChannel()
  const thread = new Worker(program, {
    workerData: { port: port2, options: { path: options.path, readOnly: options.readOnly ?? false } },
    transferList: [port2],
    // Not the flags of the process: they are meant for the user's code (`--import`, `--eval`, `--input-type`).
    execArgv: fromSource ? ['--conditions=@sluice/source'] : [],
    name: 'sluice-store',
  })
  const ended = once(thread, 'exit')
  const broken = once(thread, 'error').then(([error]) => {
    throw error as Error
  })
  broken.catch(() => {}) // also told by the port
  const [first] = await Promise.race([once(port, 'message'), broken])
  if (first !== 'open') {
    await ended
    throw unpackError(first as PackedError)
  }
  thread.unref()
  port.unref()
  const store = connectStore(portChannel(port))
  return {
    ...store,
    async close() {
      thread.ref()
      await store.close()
      await ended
    },
  }
}
