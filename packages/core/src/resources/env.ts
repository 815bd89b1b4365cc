import { SluiceError } from '../errors/sluice-error.ts'

interface EnvRead {
  readonly name: string
  readonly fallback: string | undefined
  readonly missing: boolean
}

const slot = Symbol.for('sluice.env.v1')
const holder = globalThis as { [slot]?: { reads: Map<string, EnvRead>; lenient: boolean; named?: boolean } }
const state = (holder[slot] ??= { reads: new Map(), lenient: false })

/**
 * An environment variable that the program declares it needs: `sluice validate` lists it, and a worker passes it to
 * the process that runs the code. Without a `fallback` an unset one is an error (`ENV_MISSING`) before anything runs.
 */
export function env(name: string, fallback?: string): string {
  if (state.named) return `${mark}${JSON.stringify({ env: name, fallback })}${mark}`
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

/** JSON has no such sign in it. */
const mark = '\u0001'

/** A text that somebody else fills in: what stands in it, and the names of variables. */
export type EnvText = readonly (string | { readonly env: string; readonly fallback?: string })[]

/** While `fn` runs, `env()` gives no value but its name, also inside other text: `envText` tells them apart. */
export function whileEnvIsNamed<T>(fn: () => T): T {
  state.named = true
  try {
    return fn()
  } finally {
    state.named = false
  }
}

/** The parts of a text that was made while `env()` gave names. */
export function envText(text: string): EnvText {
  return text
    .split(mark)
    .map((part, nth) => (nth % 2 === 0 ? part : (JSON.parse(part) as Exclude<EnvText[number], string>)))
    .filter((part) => part !== '')
}

/**
 * The text, with what the variables hold.
 *
 * @throws SluiceError ENV_MISSING
 */
export function fillEnvText(text: EnvText, environment: Readonly<Record<string, string | undefined>>): string {
  return text
    .map((part) => {
      if (typeof part === 'string') return part
      const value = environment[part.env] ?? part.fallback
      if (value !== undefined) return value
      throw new SluiceError('ENV_MISSING', `The environment variable ${part.env} is not set.`, {
        hint: `Set ${part.env} where the server runs.`,
      })
    })
    .join('')
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
