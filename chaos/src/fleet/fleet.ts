import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type Client, createClient } from '@sluice/api/client'
import { check } from '@sluice/storage'
import { checkPostgres } from '@sluice/storage/postgres'
import { checkout } from '../program.ts'

/** A line that a program wrote about itself, outside of the store. */
export interface Line {
  readonly pid: number
  readonly run: string
  readonly phase: 'start' | 'got'
  readonly step: number
  readonly mark: string
}

/** Servers and workers as processes of their own, that can be hit. */
export interface Fleet {
  readonly folder: string
  /** Of the server with this number, from 0. */
  client(nth?: number): Client
  urlOf(nth?: number): string
  readonly servers: Member[]
  readonly workers: Member[]
  /** `store`: the address that it reaches the database by, where it is not the fleet's. */
  startServer(store?: string): Promise<Member>
  /** `folder`: with code of its own. `build`: of other packages than the fleet's. */
  startWorker(
    server?: number,
    own?: { readonly folder: string; readonly more: readonly string[]; readonly build?: string },
  ): Promise<Member>
  log(): readonly Line[]
  /** What is wrong with the rows of the store. */
  check(): Promise<readonly string[]>
  /** Ends every process, and removes what they left. */
  close(): void
}

export interface Member {
  readonly name: string
  readonly child: ChildProcess
  readonly port: number
  printed(): string
  /** To it and what it started that is still in its group. */
  signal(signal: NodeJS.Signals): void
  /** Takes its place after its death. `build`: of other packages than the fleet's. */
  again(build?: string): Promise<Member>
}

export interface FleetOptions {
  /** Where the packages are: this checkout, or a copy of it with something removed. */
  readonly root?: string
  /** Milliseconds that a worker lasts that is not heard of. */
  readonly lease?: number
  /** Definitions for the workers. Default: pipeline.ts of this folder. */
  readonly pipeline?: string
  /** The address of a database that the servers share. Default: SQLite, in the fleet's folder. */
  readonly store?: string
  /** Variables for the server or worker of this name. */
  readonly env?: (name: string) => Readonly<Record<string, string>>
  /** The command that starts the server or worker of this name, changed. */
  readonly wrap?: (name: string, command: readonly string[]) => readonly string[]
  /** Where the store of SQLite is. Default: in the fleet's folder. */
  readonly home?: string
}

/** Makes the folder and the address book; nothing runs yet. */
export function makeFleet(options: FleetOptions = {}): Fleet {
  const { root = checkout, lease = 1_500, pipeline } = options
  const folder = mkdtempSync(join(tmpdir(), 'sluice-fleet-'))
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(join(root, 'node_modules', 'sluice'), join(folder, 'node_modules', 'sluice'))
  writeFileSync(join(folder, 'package.json'), '{ "name": "fleet", "type": "module" }\n')
  if (pipeline === undefined) cpSync(join(root, 'chaos', 'src', 'fleet', 'pipeline.ts'), join(folder, 'pipeline.ts'))
  else writeFileSync(join(folder, 'pipeline.ts'), pipeline)
  const log = join(folder, 'log')
  writeFileSync(join(folder, '.env'), `CHAOS_LOG=${log}\n`)
  const mainOf = (build: string): string => join(build, 'packages', 'sluice', 'src', 'main.ts')
  const [servers, workers]: [Member[], Member[]] = [[], []]
  const { SLUICE_TOKEN: _, SLUICE_SERVER: __, SLUICE_STORE: ___, ...env } = process.env
  const storeHome = options.home ?? join(folder, 'store')
  let workersEver = 0

  const start = (
    name: string,
    args: readonly string[],
    port: number,
    among: Member[],
    ready: RegExp,
    cwd = folder,
    build = root,
  ): Promise<Member> => {
    const home = name.startsWith('server') ? storeHome : join(folder, name)
    const own = [process.execPath, '--conditions=@sluice/source', mainOf(build), ...args]
    const [file, ...rest] = options.wrap?.(name, own) ?? own
    const child = spawn(file!, rest, {
      cwd,
      detached: true,
      env: { ...env, SLUICE_HOME: home, ...options.env?.(name) },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let text = ''
    child.stderr.setEncoding('utf8').on('data', (more: string) => (text += more))
    const member: Member = {
      name,
      child,
      port,
      printed: () => text,
      signal(signal) {
        try {
          process.kill(-child.pid!, signal)
        } catch {
          // It is gone already.
        }
      },
      async again(other = build) {
        among.splice(among.indexOf(member), 1)
        return start(name, args, port, among, ready, cwd, other)
      },
    }
    among.push(member)
    return until(`${name} is ready`, () => ready.test(text)).then(
      () => member,
      (error: Error) => {
        throw new Error(`${error.message} It said: ${text.slice(-500)}`)
      },
    )
  }

  return {
    folder,
    servers,
    workers,
    urlOf: (nth = 0) => `http://127.0.0.1:${servers[nth]!.port}`,
    client: (nth = 0) => createClient({ url: `http://127.0.0.1:${servers[nth]!.port}` }),
    async startServer(store = options.store) {
      const port = await freePort()
      const args = ['server', '--port', String(port), '--lease', `${lease}ms`, ...(store ? ['--store', store] : [])]
      return start(`server${servers.length}`, args, port, servers, /answers at/)
    },
    startWorker(server = 0, own) {
      const { port } = servers[server]!
      const name = `worker${workersEver++}`
      const args = ['worker', 'pipeline.ts', '--activate', '--name', name, '--server', `http://127.0.0.1:${port}`]
      return start(name, [...args, ...(own?.more ?? [])], port, workers, /Connected/, own?.folder, own?.build)
    },
    log() {
      if (!existsSync(log)) return []
      const whole = readFileSync(log, 'utf8')
      return whole
        .slice(0, whole.lastIndexOf('\n') + 1)
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Line)
    },
    check: async () => (options.store ? checkPostgres(options.store) : check(join(storeHome, 'sluice.db'))),
    close() {
      for (const one of [...workers, ...servers]) one.signal('SIGKILL')
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
    },
  }
}

/** One that a server can have again after its death: systems give others to connections that go out. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 15_000 + Math.floor(Math.random() * 15_000)
    const isFree = await new Promise<boolean>((resolve) => {
      const server = createServer().once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
    })
    if (isFree) return port
  }
}

/** @throws Error where it does not come true in time. */
export async function until(what: string, is: () => boolean | Promise<boolean>, within = 60_000): Promise<void> {
  for (const deadline = Date.now() + within; Date.now() < deadline; await wait(50)) if (await is()) return
  throw new Error(`In ${within / 1000} s it did not come true that ${what}.`)
}

/** Asks again where the server is away. */
export async function patient<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await ask()
    } catch (error) {
      if ((error as { code?: string }).code !== 'SERVER_UNREACHABLE' || tries > 300) throw error
      await wait(100)
    }
  }
}

/** Resident memory of a process, in bytes; 0 where it is gone. */
export function memoryOf(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
}
