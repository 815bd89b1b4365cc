import { SluiceError } from '../errors/sluice-error.ts'

interface EnvRead {
  readonly name: string
  readonly fallback: string | undefined
  readonly missing: boolean
}

const slot = Symbol.for('sluice.env.v1')
const holder = globalThis as { [slot]?: { reads: Map<string, EnvRead>; lenient: boolean } }
const state = (holder[slot] ??= { reads: new Map(), lenient: false })

/**
 * An environment variable that the program declares it needs: `sluice validate` lists it, and a worker passes it to
 * the process that runs the code. Without a `fallback` an unset one is an error (`ENV_MISSING`) before anything runs.
 */
export function env(name: string, fallback?: string): string {
  const environment = (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env
  const value = environment?.[name] ?? fallback
  state.reads.set(name, { name, fallback, missing: value === undefined })
  if (value !== undefined) return value
  if (state.lenient) return ''
  throw new SluiceError('ENV_MISSING', `The environment variable ${name} is not set.`, {
    hint: `Set ${name}, or give a fallback: env('${name}', '…').`,
  })
}

/** What `env()` was asked for so far. */
export function envReads(): readonly EnvRead[] {
  return [...state.reads.values()]
}

/** While definitions load a missing variable is noted, not thrown: it is reported with all the others. */
export function whileEnvIsLenient<T>(fn: () => T): T {
  state.lenient = true
  const done = (): void => void (state.lenient = false)
  try {
    const result = fn()
    if (result instanceof Promise) return result.finally(done) as T
    done()
    return result
  } catch (error) {
    done()
    throw error
  }
}
