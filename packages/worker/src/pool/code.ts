import type { CodeRequest, OfferedVersion } from '@sluice/api/workers'
import { type LocationProblem, SluiceError, toStoredError } from '@sluice/core'
import type { Description, Rest, ValuesDefault } from '../messages.ts'
import { type Child, type ChildOptions, startChild } from '../supervisor.ts'
import { gitOf } from './git.ts'

/** Where the code of a location is on this machine. */
export interface Source {
  /** The location's name. */
  readonly name: string
  /** Absolute paths of the files that export the definitions, or of `sluice.config.ts`. */
  readonly entries: readonly string[]
  readonly root: string
  readonly home: string
  readonly environment: string
  /** Absolute path of `sluice.config.ts`; `null` for none. */
  readonly config: string | null
  /** Where values go that the configuration says nothing of. */
  readonly values: ValuesDefault
  /** What the version is called. Default: the hash of the code. */
  readonly version?: string
  /** The variables of its processes, with those that the code declares by `env()`. Read anew for each of its versions. */
  readonly env: (declared: readonly string[]) => Readonly<Record<string, string>>
}

/** One version of a location's code, with processes that have it loaded. */
export interface Code {
  readonly source: Source
  readonly offer: OfferedVersion
  /** A process for one run: a spare one where there is one. With variables of its own it is a new one, for this run alone. */
  take(env?: Readonly<Record<string, string>>): Child
  /** Gives a process back that has executed a run: it waits for another, unless the run left something behind in it. */
  keep(child: Child): void
  /** Asks the code; a process that gives no answer in time is killed. */
  ask(request: CodeRequest, timeout: number, store: StoreLink): Promise<unknown>
  close(): Promise<void>
}

/** The way of a process that is asked to the store, which is elsewhere. */
export interface StoreLink {
  send(frame: unknown): void
  listen(receive: (frame: unknown) => void): void
}

/** How a child's output and messages find their run: set while it executes one. */
export interface Listeners {
  onOutput?: ((text: string, stream: 'stdout' | 'stderr') => void) | undefined
  onStoreFrame?: ((frame: unknown) => void) | undefined
}

const listeners = new WeakMap<Child, Listeners>()

/** What a child says goes to whoever listens now. */
export const listenersOf = (child: Child): Listeners => listeners.get(child)!

export interface LoadOptions {
  /** What its processes print when they execute no run. */
  readonly print: (text: string) => void
  /** Its files may be read from then on: the process is started before. Default: at once. */
  readonly settled?: Promise<void>
  /** Loading is given up, and its process killed. */
  readonly signal?: AbortSignal
  /** It is only looked at: a variable that is not set here may be where it runs. Default no. */
  readonly lenient?: boolean
}

/** Milliseconds that a run may take whose process is the next one's, and that processes besides the first wait for work. */
const [comesBack, staysReady] = [200, 5_000]

/** A process that has grown by more than this over what its code takes, in bytes, is not used again. */
const mostGrown = 256 * 1024 * 1024

/** What the code of a source declared when it was loaded last: the next process gets it from the start. */
const declaredBefore = new WeakMap<Source, readonly string[]>()

/**
 * Loads a location's code in a process that describes it.
 *
 * @throws SluiceError as loading fails, ENV_MISSING, CHILD_EXITED where it was given up; the code that was loaded before is not touched by it.
 */
export async function loadCode(
  source: Source,
  { print, settled, signal, lenient = false }: LoadOptions,
): Promise<Code> {
  const { entries, root, home, environment, config } = source
  const spares: Child[] = []
  const ownEnv = new WeakSet<Child>()
  let declared = declaredBefore.get(source) ?? []
  let closed = false

  const start = (more: Partial<ChildOptions> & { readonly run?: Readonly<Record<string, string>> } = {}): Child => {
    const { run, ...over } = more
    const its: Listeners = {}
    const options: ChildOptions = {
      entries,
      root,
      home,
      cwd: root,
      env: { ...source.env(declared), ...run, SLUICE_ENV: environment },
      ...over,
      onStoreFrame: (frame) => its.onStoreFrame?.(frame),
      onOutput: (text, stream) => (its.onOutput ? its.onOutput(text, stream) : print(text)),
    }
    const child = startChild(options)
    listeners.set(child, its)
    child.loaded.catch(() => {})
    return child
  }
  const add = (child: Child): void => {
    spares.push(child)
    void child.exited.then(() => {
      const at = spares.indexOf(child)
      if (at >= 0) spares.splice(at, 1)
    })
  }
  /** The one that worked last: it is the warmest. */
  const takeSpare = (): Child | undefined => spares.pop()
  let soon: NodeJS.Timeout | undefined
  let later: NodeJS.Timeout | undefined
  /** One waits ready, always; a short run brings its own back before another is needed. */
  const spare = (): void => {
    if (closed || spares.length > 0) return
    soon ??= setTimeout(() => {
      soon = undefined
      if (!closed && spares.length === 0) add(start())
    }, comesBack)
  }
  /** And not more for long: each is a whole process. */
  const trim = (): void => {
    clearTimeout(later)
    if (!closed && spares.length > 1)
      later = setTimeout(
        () => spares.splice(0, spares.length - 1).forEach((child) => void child.stop(1000)),
        staysReady,
      )
  }
  const give = async (child: Child): Promise<void> => {
    if (closed || ownEnv.has(child)) return void child.stop(1000)
    const { left, memory } = (await child.ask({ request: 'rest' })) as Rest
    const isClean = left.length === 0 && memory.now - memory.loaded < mostGrown
    if (!isClean || closed) {
      void child.stop(1000)
      return spare()
    }
    add(child)
    trim()
  }

  /** Until it has every variable that it declares, of those that are set here. */
  const describe = async (): Promise<{ child: Child; description: Description }> => {
    const given = source.env(declared)
    const child = start({ describing: true, ...(settled && { settled }) })
    const giveUp = (): void => void child.kill()
    if (signal?.aborted) giveUp()
    signal?.addEventListener('abort', giveUp)
    try {
      await child.loaded
      const description = (await child.ask({ request: 'describe', environment, config })) as Description
      declared = [...new Set([...declared, ...description.env.map(({ name }) => name)])]
      declaredBefore.set(source, declared)
      const lacked = Object.keys(source.env(declared)).some((name) => !(name in given))
      const unset = description.env.filter(({ missing }) => missing).map(({ name }) => name)
      if (!lacked && unset.length > 0 && !lenient) throw unsetError(unset)
      if (!lacked) return { child, description }
      await child.kill()
    } catch (error) {
      await child.kill()
      throw error
    } finally {
      signal?.removeEventListener('abort', giveUp)
    }
    return describe()
  }

  const git = gitOf(root)
  // The process that describes the code is the first spare: it has it loaded.
  const { child: first, description } = await describe()
  add(first)

  const asking = async (request: CodeRequest, timeout: number, store: StoreLink): Promise<unknown> => {
    const child = takeSpare() ?? start()
    const its = listenersOf(child)
    its.onStoreFrame = (frame) => store.send(frame)
    store.listen((frame) => child.storeFrame(frame))
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(() => {
      late.reject(
        new SluiceError('CODE_SILENT', `The code of "${source.name}" gave no answer within ${timeout / 1000} s.`, {
          retryable: true,
          hint: 'Its process was killed. A tick should decide, and leave long work to the run that it launches.',
        }),
      )
      void child.kill()
    }, timeout)
    try {
      const answer = await Promise.race([child.ask(requestOf(request, source)), late.promise])
      its.onStoreFrame = undefined
      await give(child)
      return answer
    } catch (error) {
      // What failed may have left something behind in it.
      void child.stop(1000)
      spare()
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    source,
    offer: {
      location: source.name,
      version: source.version ?? description.graph.codeVersion,
      snapshot: description.definitions,
      entries: description.entries.map((entry) => (entry.startsWith(root) ? entry.slice(root.length + 1) : entry)),
      git: await git,
      parts: description.graph.parts,
    },
    take(env) {
      if (env) {
        const child = start({ run: env })
        ownEnv.add(child)
        return child
      }
      const child = takeSpare() ?? start()
      spare()
      return child
    },
    keep: (child) => void give(child).catch(() => child.kill()),
    ask: asking,
    async close() {
      closed = true
      clearTimeout(soon)
      clearTimeout(later)
      await Promise.all(spares.map((child) => child.kill()))
    },
  }

  function requestOf(request: CodeRequest, { environment: env }: Source): Parameters<Child['ask']>[0] {
    return request.request === 'preview' ? { ...request, environment: env, config } : request
  }
}

const unsetError = (names: readonly string[]): SluiceError =>
  new SluiceError(
    'ENV_MISSING',
    names.length === 1
      ? `The environment variable ${names[0]} is not set.`
      : `The environment variables ${names.join(', ')} are not set.`,
    { hint: `Set ${names[0]} where the worker runs, or in the project's .env; or give a fallback to env().` },
  )

/** Why code could not be loaded, as the server keeps it. */
export function problemOf(error: unknown, now: number): LocationProblem {
  const { code, message, hint } = toStoredError(error) as { code: string; message: string; hint?: string }
  return { code, message, at: now, ...(hint !== undefined && { hint }) }
}
