import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import type { Product } from '../product.ts'

/** `sluice dev`, or a server, as a process. */
export interface Dev {
  readonly url: string
  /** Milliseconds from the start of the process until its code was active and it answered. */
  readonly readyAfter: number
  get<T>(path: string): Promise<T>
  post<T>(path: string, body: object): Promise<T>
  /** Proportional set size of all its processes, in bytes. */
  memory(): number
  close(): Promise<void>
}

export interface StartOptions {
  /** Its code, active; or only that it answers. */
  readonly waitFor?: 'code' | 'server'
  /** The address of a database. Default: SQLite, in the project. */
  readonly store?: string | undefined
}

export async function startDev(
  product: Product,
  folder: string,
  args: readonly string[],
  { waitFor = 'code', store }: StartOptions = {},
): Promise<Dev> {
  const [program, ...before] = product.command!
  const began = performance.now()
  const { SLUICE_TOKEN: _, SLUICE_STORE: __, ...env } = process.env
  const child = spawn(program!, [...before, ...args, '--port', '0'], {
    cwd: folder,
    env: { ...env, ...(store !== undefined && { SLUICE_STORE: store }) },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  })
  let text = ''
  child.stderr.setEncoding('utf8').on('data', (more: string) => (text = (text + more).slice(-20_000)))
  const until = async <T>(what: string, ask: () => Promise<T | undefined> | T | undefined): Promise<T> => {
    for (const deadline = performance.now() + 60_000; performance.now() < deadline; await wait(5)) {
      const found = await ask()
      if (found !== undefined) return found
    }
    throw new Error(`${what} did not come within 60 s:\n${text}`)
  }
  const url = await until('its address', () => /answers at (http:\/\/[^/\s]+)/.exec(text)?.[1])
  const get = async <T>(path: string): Promise<T> => {
    const response = await fetch(`${url}/api${path}`)
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return (await response.json()) as T
  }
  if (waitFor === 'code') {
    await until('its code', async () => {
      const { locations } = await get<{ locations: { active: string | null }[] }>('/locations')
      return locations[0]?.active ?? undefined
    })
  }
  return {
    url,
    readyAfter: performance.now() - began,
    get,
    async post(path, body) {
      const headers = { 'content-type': 'application/json' }
      const response = await fetch(`${url}/api${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
      return (await response.json()) as never
    },
    memory: () => [child.pid!, ...below(child.pid!)].reduce((sum, pid) => sum + proportional(pid), 0),
    async close() {
      child.kill('SIGTERM')
      await Promise.race([gone(child), wait(15_000)])
      try {
        process.kill(-child.pid!, 'SIGKILL')
      } catch {
        // All are gone.
      }
    },
  }
}

const gone = (child: ChildProcess): Promise<void> =>
  child.exitCode !== null ? Promise.resolve() : new Promise((resolve) => child.once('exit', () => resolve()))

/** Every process that descends from this one. */
function below(pid: number): number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
        return { pid: Number(name), parent: Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) }
      } catch {
        return { pid: 0, parent: 0 }
      }
    })
  const found = [pid]
  for (const one of found) found.push(...parents.filter(({ parent }) => parent === one).map((it) => it.pid))
  return found.slice(1)
}

function proportional(pid: number): number {
  try {
    return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
}

/** Live events: gives each that comes to `heard`, until it is closed. */
export async function listen(url: string, heard: (type: string, data: string) => void): Promise<() => void> {
  const stop = new AbortController()
  const response = await fetch(`${url}/api/events/stream`, { signal: stop.signal })
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  const read = async (): Promise<void> => {
    let rest = ''
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      const parts = (rest + value).split('\n\n')
      rest = parts.pop()!
      for (const part of parts) {
        const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(part)?.[1] ?? ''
        heard(field('event'), field('data'))
      }
    }
  }
  read().catch(() => {})
  return () => stop.abort()
}
