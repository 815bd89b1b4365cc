import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { Lacking } from './scenario.ts'

/** A schema of its own for one scenario. */
export interface Database {
  /** For `--store`. */
  readonly url: string
  /** A connection with this schema; ended by `close`. */
  connect(): Promise<pg.Client>
  close(): Promise<void>
}

/** A server that the scenario may end. */
export interface OwnDatabase extends Database {
  /** `immediate`: as a crash ends it. `fast`: it ends its clients and writes what it has. */
  stop(how: 'immediate' | 'fast'): Promise<void>
  start(): Promise<void>
}

/** On the server that tests are given, or on one that is started for it. @throws Lacking */
export async function aDatabase(): Promise<Database> {
  const given = process.env['SLUICE_TEST_POSTGRES']
  return given === undefined ? await ownDatabase() : schemaOf(given)
}

function schemaOf(server: string): Database {
  const schema = `chaos${randomBytes(6).toString('hex')}`
  const clients: pg.Client[] = []
  const url = new URL(server)
  url.searchParams.set('schema', schema)
  const connect = async (): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: server, options: `-c search_path=${schema}` })
    client.on('error', () => {}) // its server was ended
    await client.connect()
    clients.push(client)
    return client
  }
  return {
    url: url.href,
    connect,
    async close() {
      await Promise.all(clients.map((client) => client.end().catch(() => {})))
      const admin = new pg.Client({ connectionString: server })
      await admin.connect()
      await admin.query(`drop schema if exists "${schema}" cascade`)
      await admin.end()
    },
  }
}

/** Debian's programs, with what a disk promises: unlike the server of the tests it flushes. @throws Lacking */
export async function ownDatabase(): Promise<OwnDatabase> {
  const bin = programs()
  const folder = mkdtempSync(join(tmpdir(), 'sluice-chaos-postgres-'))
  const run = async (program: string, args: readonly string[]): Promise<void> => {
    // PostgreSQL refuses to run as root.
    const [file, ...all] =
      process.getuid!() === 0
        ? ['runuser', '-u', 'postgres', '--', join(bin, program), ...args]
        : [join(bin, program), ...args]
    await promisify(execFile)(file, all, { cwd: '/' })
  }
  if (process.getuid!() === 0) {
    const id = async (of: string) => Number((await promisify(execFile)('id', [of, 'postgres'])).stdout)
    chownSync(folder, await id('-u'), await id('-g'))
  }
  const port = await freePort()
  const data = join(folder, 'data')
  const control = (...args: readonly string[]) => run('pg_ctl', ['-D', data, '-w', ...args])
  const options = `-p ${port} -k ${folder} -c listen_addresses=127.0.0.1 -c max_connections=100`
  const start = () => control('-l', join(folder, 'log'), '-o', options, 'start')
  await run('initdb', ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'])
  await start()
  const database = schemaOf(`postgres://postgres@127.0.0.1:${port}/postgres`)
  let isUp = true
  return {
    ...database,
    async stop(how) {
      await control('-m', how, 'stop')
      isUp = false
    },
    async start() {
      await start()
      isUp = true
    },
    async close() {
      if (isUp) await control('-m', 'immediate', 'stop')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function programs(): string {
  const root = '/usr/lib/postgresql'
  const newest = existsSync(root) && readdirSync(root).toSorted((a, b) => Number(b) - Number(a))[0]
  if (newest) return join(root, newest, 'bin')
  throw new Lacking('it needs the programs of PostgreSQL (apt-get install postgresql)')
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
