import { type MessagePort, workerData } from 'node:worker_threads'
import { packError, portChannel, serveStore } from '@sluice/engine/store'
import { openChecked } from './open.ts'
import type { OpenOptions } from './open-database.ts'

// The thread of the store. It says whether the file is open before it loads the rest: messages wait in the port.
const { port, options } = workerData as { port: MessagePort; options: OpenOptions }
try {
  const opened = openChecked(options)
  port.postMessage('open')
  const { sqliteStore } = await import('./store.ts')
  const store = sqliteStore(opened)
  port.once('close', () => void store.close())
  serveStore(store, portChannel(port))
} catch (error) {
  port.postMessage(packError(error))
  port.close()
}
