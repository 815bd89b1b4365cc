import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MessageChannel, Worker } from 'node:worker_threads'
import { connectStore, ipcChannel, portChannel, serveStore } from '@sluice/engine/store'
import { storeContract } from '@sluice/engine/testing'
import { afterAll, beforeAll, describe } from 'vitest'
import { openSqliteInProcess } from './index.ts'

function aFile(): { path: string; cleanUp(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-store-'))
  return {
    path: join(folder, 'sluice.db'),
    cleanUp: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  }
}

storeContract('SQLite in memory', async () => ({ store: await openSqliteInProcess(':memory:') }))

storeContract('SQLite in a file', async () => {
  const { path, cleanUp } = aFile()
  return { store: await openSqliteInProcess(path), cleanUp }
})

describe('in a thread', () => {
  let thread: Worker
  beforeAll(() => {
    thread = new Worker(new URL('./fixtures/stores-thread.ts', import.meta.url), {
      execArgv: ['--conditions=@sluice/source'],
    })
  })
  afterAll(() => thread.terminate())

  storeContract('SQLite in a file', async () => {
    const { path, cleanUp } = aFile()
    const { port1, port2 } = new MessageChannel()
    thread.postMessage({ port: port2, path }, [port2])
    return { store: connectStore(portChannel(port1)), cleanUp }
  })
})

describe('of a parent, served back by its child', () => {
  let child: ChildProcess
  let relays = 0
  beforeAll(() => {
    child = fork(new URL('./fixtures/relay.ts', import.meta.url), {
      serialization: 'advanced',
      execArgv: ['--conditions=@sluice/source'],
    }).setMaxListeners(0)
  })
  afterAll(async () => {
    const gone = once(child, 'exit')
    child.disconnect()
    await gone
  })

  storeContract('SQLite in a file', async () => {
    const { path, cleanUp } = aFile()
    const [down, up] = [`down ${++relays}`, `up ${relays}`]
    const store = await openSqliteInProcess(path)
    serveStore(store, ipcChannel(child, down))
    const ready = once(child, 'message')
    child.send(['relay', down, up])
    await ready
    const close = () => {} // of this channel; the pipe is everybody's
    return {
      store: connectStore({ ...ipcChannel(child, up), close }),
      async cleanUp() {
        await store.close()
        cleanUp()
      },
    }
  })
})
