import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where programs and the packages that they import are: this checkout, or a copy of it with something removed. */
export const checkout: string = fileURLToPath(new URL('../..', import.meta.url))

export interface Started {
  readonly child: ChildProcess
  /** Resolves when its function begins, and when it is about to return; never if it dies before. */
  readonly begun: Promise<void>
  readonly returning: Promise<void>
  readonly ended: Promise<Ended>
}

export interface Ended {
  readonly signal: NodeJS.Signals | null
  /** It was not through after 20 seconds, many times what it takes. */
  readonly hangs: boolean
  readonly code: number | null
  readonly stderr: string
}

export interface Place {
  readonly root: string
  /** The folder of the store and the log of one run. */
  readonly home: string
  /** Compiled code, shared by all programs of one root. */
  readonly cache: string
}

const longest = 20_000

export const logOf = (home: string): string => join(home, 'log')

/** Starts a scenario's program as a process of its own, as `node script.ts` does. */
export function start(
  { root, home, cache }: Place,
  scenario: string,
  env: Readonly<Record<string, string>> = {},
): Started {
  const script = join(root, 'chaos', 'src', 'scripts', `${scenario}.ts`)
  if (!existsSync(script)) throw new Error(`There is no program ${script}.`)
  const child = spawn(process.execPath, ['--conditions=@sluice/source', script], {
    env: {
      ...process.env,
      SLUICE_HOME: home,
      SLUICE_QUIET: '1',
      CHAOS_LOG: logOf(home),
      NODE_COMPILE_CACHE: cache,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const begun = Promise.withResolvers<void>()
  const returning = Promise.withResolvers<void>()
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (text.includes('begin')) begun.resolve()
    if (text.includes('returning')) returning.resolve()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  let hangs = false
  const deadline = setTimeout(() => {
    hangs = true
    child.kill('SIGKILL')
  }, longest)
  const ended = new Promise<Ended>((resolve) =>
    child.on('close', (code, signal) => {
      clearTimeout(deadline)
      resolve({ code, signal, hangs, stderr })
    }),
  )
  return { child, begun: begun.promise, returning: returning.promise, ended }
}
