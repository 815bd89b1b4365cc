import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** Commands that last, beside processes with user code. */
const lasting = new Set(['dev', 'server', 'worker'])

/** What Node and the system read when a process starts; no secrets. */
const needed = /^(?:PATH|HOME|TZ|LANG|TERM|TMPDIR|TEMP|SystemRoot|NODE_(?!AUTH_TOKEN).*|LD_.*|DYLD_.*)$/

/** The file with the rest, for the process that is started with it. */
const passed = 'SLUICE_ENVIRONMENT'

/**
 * What a process was started with can be read by every process of its user, for as long as it lives, from
 * /proc/PID/environ: by user code too, which is to have only what it declares. A command that lasts therefore starts
 * itself again in the same process, with little, and takes the rest, tokens and passwords, from a file that is gone
 * before any other process is started.
 */
export function hideEnvironment(): void {
  const file = process.env[passed]
  if (file !== undefined) return take(file)
  // Windows has neither this way to read it nor to start again; a process with a pipe to its parent would lose it.
  if (!lasting.has(process.argv[2] ?? '') || process.platform === 'win32' || process.channel) return
  process.execve?.(process.execPath, [process.execPath, ...process.execArgv, ...process.argv.slice(1)], handOver())
}

/** An environment that can be seen, for a process that calls `hideEnvironment` and has all of this one's then. */
export function handOver(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env)
  const file = join(mkdtempSync(join(tmpdir(), 'sluice-environment-')), 'variables')
  writeFileSync(file, JSON.stringify(Object.fromEntries(entries)), { mode: 0o600 })
  return { ...Object.fromEntries(entries.filter(([name]) => needed.test(name))), [passed]: file }
}

function take(file: string): void {
  delete process.env[passed]
  Object.assign(process.env, JSON.parse(readFileSync(file, 'utf8')))
  rmSync(dirname(file), { recursive: true })
}
