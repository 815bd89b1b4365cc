import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'

/** What every process needs to work at all. */
const always = ['PATH', 'HOME', 'TZ', 'LANG', 'TMPDIR', 'TEMP', 'SystemRoot'] as const

export interface ChildEnvOptions {
  /** The worker's own. */
  readonly from: NodeJS.ProcessEnv
  /** The location's root: `.env` there is its own. */
  readonly root: string
  /** Names that the code declares with `env()`. */
  readonly declared: readonly string[]
}

/**
 * The environment of a process with user code: what every process needs, the names that the code declares, and the
 * location's `.env`. Nothing else of the worker's: no token, no password that nobody asked for.
 */
export function childEnv({ from, root, declared }: ChildEnvOptions): Record<string, string> {
  const env: Record<string, string> = {}
  for (const name of [...always, ...declared]) {
    const value = from[name]
    if (value !== undefined) env[name] = value
  }
  const file = join(root, '.env')
  const own = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {}
  return { ...env, ...(own as Record<string, string>) }
}
