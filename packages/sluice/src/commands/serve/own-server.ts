import { type Client, createClient } from '@sluice/api/client'
import { SluiceError } from '@sluice/core'
import { ipcChannel } from '@sluice/engine/store'
import type { Project } from '../../project/project.ts'
import { placeOfStore } from '../../project/store-place.ts'
import { announce } from '../../system/running-server.ts'
import { environmentOf } from '../options.ts'
import { openStoreAt } from '../supervise/store.ts'
import { startWorker, stopWorker } from './own-worker.ts'
import { say } from './say.ts'
import { nameOf } from './worker.ts'

export interface OwnServerOptions {
  readonly version: string
  readonly env?: string | undefined
  /** `work`: with a worker, that has the code of the file or else of the project. `queue`: without one. */
  readonly does: 'work' | 'queue' | 'nothing'
  readonly file?: string | undefined
  /** Runs at once. */
  readonly slots?: string
}

/**
 * A server on the store of the project for as long as one command needs it, found by other commands meanwhile. Nothing
 * starts by the clock. When it ends, what its worker was at is given back, and goes on with the next server.
 *
 * @throws SluiceError LOAD_FAILED where the code does not load, which the worker has told.
 */
export async function withOwnServer<T>(
  project: Project,
  { version, env, does, file, slots = '4' }: OwnServerOptions,
  use: (client: Client) => Promise<T>,
): Promise<T> {
  const place = await placeOfStore(project, { environment: environmentOf({ ...(env !== undefined && { env }) }) })
  const [{ openServer }, store] = await Promise.all([import('@sluice/server'), openStoreAt(project, place)])
  const token = process.env['SLUICE_TOKEN'] ?? null
  const server = await openServer({
    store,
    version,
    port: 0,
    token,
    does: does === 'nothing' ? 'nothing' : 'queue',
    say: (level, text) => level !== 'info' && say(level, text),
  })
  const withdraw = does === 'nothing' ? () => {} : await announce(project.home, server.url, place)
  const worker = does === 'work' ? startWorker(file, { slots, env, reload: false }) : null
  let ending = false
  try {
    const client = createClient({ url: server.url, fetch: server.fetch, ...(token !== null && { token }) })
    if (worker) {
      const connection = server.connectWorker(ipcChannel(worker, 'worker'))
      const name = nameOf(project.root)
      const exited = new Promise<void>((resolve) => {
        worker.once('exit', () => {
          // A server that closes ends its connections itself.
          if (!ending) void connection.gone()
          resolve()
        })
      })
      const isReady = async (): Promise<boolean> => {
        const active = (await server.context.locations.list()).find((one) => one.name === name)?.active ?? null
        return active !== null && server.context.connections.has(name, active)
      }
      while (!(await isReady())) {
        if (worker.exitCode !== null)
          throw new SluiceError('LOAD_FAILED', 'The worker has ended: the code does not load.', {
            hint: 'sluice validate says why.',
          })
        await Promise.race([server.context.live.next(200, new AbortController().signal), exited])
      }
    }
    return await use(client)
  } finally {
    ending = true
    withdraw()
    if (worker) await stopWorker(worker)
    await server.close()
    await store.close()
  }
}
