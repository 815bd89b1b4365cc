import { resolve } from 'node:path'
import { type Duration, milliseconds } from '@sluice/core'
import { isPostgresUrl } from '@sluice/storage/address'
import { appFolder } from '@sluice/ui'
import { findProject } from '../../project/project.ts'
import { placeOfStore } from '../../project/store-place.ts'
import { announce } from '../../system/running-server.ts'
import { openStoreAt } from '../supervise/store.ts'
import { wholeNumber } from '../options.ts'
import { say } from './say.ts'

export interface ServerCommandOptions {
  readonly host: string
  readonly port: string
  readonly store?: string
  readonly allowHost?: readonly string[]
  readonly lease: Duration
}

/** Server and database may be started at the same time. In milliseconds. */
const DATABASE_STARTS = 60_000

/** `sluice server` */
export async function server(options: ServerCommandOptions, version: string): Promise<number> {
  const { openServer } = await import('@sluice/server')
  const { store: given } = options
  const isFolder = given !== undefined && !isPostgresUrl(given)
  const found = findProject(process.cwd())
  const project = isFolder ? { ...found, home: resolve(given) } : found
  const place = await placeOfStore(project, { given })
  const store = await openStoreAt(project, place, { connectPatience: DATABASE_STARTS })
  const opened = await openServer({
    store,
    version,
    appFolder,
    say,
    host: options.host,
    port: wholeNumber('--port', options.port),
    token: process.env['SLUICE_TOKEN'] ?? null,
    allowHosts: options.allowHost ?? [],
    lease: milliseconds(options.lease),
  })
  say('info', `Sluice ${version} answers at ${opened.url}/`)
  const withdraw = await announce(project.home, opened.url, place)
  await ended()
  withdraw()
  await opened.close()
  await store.close()
  return 0
}

/** Until somebody asks this process to end; a second time it ends at once. */
export const ended = (): Promise<void> =>
  new Promise((resolve) => {
    let count = 0
    const hear = (): void => {
      count += 1
      if (count > 1) process.exit(130)
      resolve()
    }
    process.on('SIGTERM', hear)
    process.on('SIGINT', hear)
  })
