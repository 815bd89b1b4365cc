import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { socketChannel } from '@sluice/api/workers'
import { type Size, SluiceError, bytesOf } from '@sluice/core'
import { type Channel, ipcChannel } from '@sluice/engine/store'
import { type Code, type PoolWorker, type Source, childEnv, loadCode, openWorker, unpackBundle } from '@sluice/worker'
import { WebSocket } from 'ws'
import { makeHome } from '../../project/project.ts'
import { errorLines } from '../../terminal/error.ts'
import { notes } from '../../terminal/terminal.ts'
import { environmentOf, wholeNumber } from '../options.ts'
import { type Location, locate } from '../supervise/location.ts'
import { clientOf, serverUrl } from '../../system/server-for.ts'
import { say } from './say.ts'
import { watchCode } from './watch-code.ts'

export interface WorkerCommandOptions {
  readonly server?: string
  readonly pool: string
  readonly slots: string
  readonly name?: string
  readonly spool: Size
  readonly env?: string
  readonly activate?: boolean
  readonly deployed?: boolean
  readonly ipc?: boolean
  readonly reload?: boolean
}

/** `sluice worker` */
export async function worker(
  file: string | undefined,
  options: WorkerCommandOptions,
  version: string,
): Promise<number> {
  const ends = stopped(options.ipc === true)
  if (options.deployed) return await deployedWorker(options, version, ends)
  const location = locate(file)
  const { project } = location
  makeHome(project.home)
  const opened = openWorker({
    pool: options.pool,
    slots: wholeNumber('--slots', options.slots),
    connect: options.ipc ? overPipe : () => overNetwork(options.server),
    spool: join(project.home, 'spool'),
    spoolCap: bytesOf(options.spool),
    sluice: version,
    say: options.ipc ? (level, text) => level !== 'info' && say(level, text) : say,
    ...(options.name !== undefined && { name: options.name }),
  })
  const source = sourceOf(location, environmentOf(options), options.ipc ? 'files' : 'store')
  const activate = options.activate === true || options.reload === true
  const ending = new AbortController()
  void ends.then(() => ending.abort())
  const offer = (settled?: Promise<void>): Promise<Code | null> =>
    offerCode(opened, source, { activate, signal: ending.signal, ...(settled && { settled }) })
  const code = await Promise.race([offer(), ends.then(() => 'ended' as const)])
  if (code === null && !options.reload) {
    await opened.kill()
    return 3
  }
  const stopWatching = options.reload ? watchCode(project, location.entries, offer) : () => {}
  await Promise.race([ends, opened.welcome.then(() => new Promise<never>(() => {}))])
  stopWatching()
  if (opened.running > 0) say('info', `Giving back ${opened.running} runs.`)
  await opened.drain(options.ipc ? 2_000 : 10_000)
  return 0
}

/** `sluice worker --deployed`: has no code of its own, and gets what was deployed. */
async function deployedWorker(options: WorkerCommandOptions, version: string, ends: Promise<void>): Promise<number> {
  const home = resolve(process.env['SLUICE_HOME'] ?? join(homedir(), '.sluice'))
  makeHome(home)
  const client = await clientOf(serverUrl(options.server))
  const opened = openWorker({
    pool: options.pool,
    slots: wholeNumber('--slots', options.slots),
    connect: () => overNetwork(options.server),
    spool: join(home, 'spool'),
    spoolCap: bytesOf(options.spool),
    sluice: version,
    say,
    async fetch({ location, version: wanted, bundle }) {
      const { root, entries, config } = await unpackBundle({
        folder: join(home, 'code'),
        hash: bundle,
        own: ownPackages(),
        say: (text) => say('info', text),
        async download() {
          const pieces: Buffer[] = []
          for (;;) {
            const { base64 } = await client.bundles.get({ bundle, piece: pieces.length })
            if (base64 === null) return Buffer.concat(pieces)
            pieces.push(Buffer.from(base64, 'base64'))
          }
        },
      })
      const environment = environmentOf(options)
      const env = (declared: readonly string[]) => childEnv({ from: process.env, root, declared })
      const source = { name: location, entries, root, home: join(root, '.sluice'), environment, config, env }
      return loadCode({ ...source, values: 'store', version: wanted }, { print: printOf(opened) })
    },
    ...(options.name !== undefined && { name: options.name }),
  })
  await Promise.race([ends, opened.welcome.then(() => new Promise<never>(() => {}))])
  if (opened.running > 0) say('info', `Giving back ${opened.running} runs.`)
  await opened.drain(10_000)
  return 0
}

/** The packages that the code of a bundle gets from this installation. */
function ownPackages(): Record<string, string> {
  const { resolve: resolved } = import.meta
  const names = ['@sluice/api', '@sluice/core', '@sluice/engine', '@sluice/server', '@sluice/storage', '@sluice/worker']
  const own = names.map((name) => [name, folderOf(fileURLToPath(resolved(name)))] as const)
  return { sluice: folderOf(fileURLToPath(import.meta.url)), ...Object.fromEntries(own) }
}

function folderOf(file: string): string {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json')) || folder === dirname(folder)) return folder
  }
}

/** A signal, or the end of the server that this is a worker of: it may come while code is loaded. */
const stopped = (hasParent: boolean): Promise<void> =>
  new Promise((resolve) => {
    if (hasParent && !process.connected) return resolve()
    let count = 0
    const hear = (): void => {
      count += 1
      if (count > 1) process.exit(130)
      resolve()
    }
    process.on('SIGTERM', hear)
    process.on('SIGINT', hear)
    process.once('disconnect', resolve)
  })

/** Here, and for whoever looks from elsewhere. */
const printOf = (opened: PoolWorker) => (text: string) => {
  process.stderr.write(text)
  opened.print(text)
}

/** Loads the code as it is now, and offers it; says so where it cannot be loaded. Given up, it says nothing. */
async function offerCode(
  opened: PoolWorker,
  source: Source,
  { activate, ...options }: { activate: boolean; signal: AbortSignal; settled?: Promise<void> },
): Promise<Code | null> {
  try {
    const code = await loadCode(source, { print: printOf(opened), ...options })
    opened.offer(code, activate)
    opened.problem(source.name, null)
    return code
  } catch (error) {
    if (options.signal.aborted) return null
    for (const line of errorLines(notes.style, error)) say('info', line)
    opened.problem(source.name, error)
    return null
  }
}

/** Where the code is, and what its processes get. */
export function sourceOf({ project, entries }: Location, environment: string, values: Source['values']): Source {
  const { root, home, configFile } = project
  return {
    name: nameOf(root),
    entries,
    root,
    home,
    environment,
    config: configFile ?? null,
    values,
    env: (declared) => childEnv({ from: process.env, root, declared }),
  }
}

/** The package's name, or the folder's. */
export function nameOf(root: string): string {
  try {
    const { name } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { name?: string }
    if (name) return name
  } catch {
    // Without a package the folder says it.
  }
  return basename(root) || 'main'
}

let pipe: Channel | undefined
function overPipe(): Promise<Channel> {
  if (pipe) return new Promise(() => {}) // the parent is gone, and so is this process soon
  pipe = ipcChannel(process, 'worker')
  return Promise.resolve(pipe)
}

function overNetwork(given: string | undefined): Promise<Channel> {
  const url = new URL(serverUrl(given))
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  url.pathname = '/api/workers/connect'
  const token = process.env['SLUICE_TOKEN']
  const socket = new WebSocket(url, { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } })
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socketChannel(socket)))
    socket.once('error', reject)
    socket.once('unexpected-response', (_, response) => {
      const code =
        response.statusCode === 401 ? 'UNAUTHORIZED' : response.statusCode === 403 ? 'FORBIDDEN' : 'SERVER_UNREACHABLE'
      reject(new SluiceError(code, `The server refused the connection (${response.statusCode}).`))
    })
  })
}
