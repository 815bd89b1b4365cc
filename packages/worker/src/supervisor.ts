import { type ChildProcess, fork } from 'node:child_process'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SluiceError, fromStoredError } from '@sluice/core'
import { type Store, ipcChannel, serveStore } from '@sluice/engine/store'
import type { ModuleGraph } from './host/module-graph.ts'
import { compiledIn } from './host/code-cache.ts'
import { shownPath } from './host/shown-path.ts'
import { type Exit, exitError } from './exit.ts'
import { watchLoading } from './load-watch.ts'
import type { FromChild, Request, Told } from './messages.ts'
import { guardGroup } from './orphan-guard.ts'
import { watchLoop } from './loop-watch.ts'

export interface ChildOptions {
  /** Absolute paths of the files that export the definitions. */
  readonly entries: readonly string[]
  /** The project's root. */
  readonly root: string
  /** The project's own folder: its `cache` holds compiled code. Default: `.sluice` below the root. */
  readonly home?: string
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  /** Flags of Node for the child, besides those that Sluice needs. */
  readonly execArgv?: readonly string[]
  /** Lets a debugger attach: `true`, or `host:port`. Time limits of loading do not count then. */
  readonly inspect?: boolean | string
  /** Collect what `describe` tells about the environment. Default no. */
  readonly describing?: boolean
  /** The code may be read from then on; the process is started at once. Default: at once too. */
  readonly settled?: Promise<void>
  /** Milliseconds until loading is given up. Default 60,000. */
  readonly loadTimeout?: number
  /** Served to the child. Without it the child has none, or what `onStoreFrame` makes of it. */
  readonly store?: Store
  /** What the child says to a store that is elsewhere; `Child.storeFrame` gives it the answers. */
  readonly onStoreFrame?: (frame: unknown) => void
  /** Where the child's own output goes. Default: to this process's. */
  readonly onOutput?: (text: string, stream: 'stdout' | 'stderr') => void
  readonly onMessage?: (told: Told) => void
  /** Called once when loading takes longer than 5 s. */
  readonly onSlowLoad?: (ms: number) => void
  /** The child's event loop has not turned for over a second while it works; once for each such stretch. */
  readonly onBlocked?: (ms: number) => void
}

export interface Child {
  readonly pid: number
  /** Rejects with LOAD_FAILED and its kin, LOAD_TIMEOUT or CHILD_EXITED. */
  readonly loaded: Promise<ModuleGraph>
  /** Rejects with what the child failed with, or CHILD_EXITED where it ended without an answer. */
  ask(request: Exclude<Request, { request: 'load' }>): Promise<unknown>
  /** Asks it to abort what it does. */
  cancel(): void
  /** Gives it what a store elsewhere has said (`onStoreFrame`). */
  storeFrame(frame: unknown): void
  /** Reads its output no more, or again: it waits when its pipes are full. */
  pause(paused: boolean): void
  readonly exited: Promise<Exit>
  /** SIGTERM to the child and everything it started; SIGKILL to what is left after `grace` ms (default 5,000). */
  stop(grace?: number): Promise<Exit>
  /** SIGKILL to the child and everything it started. */
  kill(): Promise<Exit>
  /** While nothing is asked of it, it does not keep this process alive. */
  unref(): void
  ref(): void
}

const program = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './child.ts' : './child.js', import.meta.url))
const quiet = ['--disable-warning=ExperimentalWarning', '--disable-warning=MODULE_TYPELESS_PACKAGE_JSON']
const fromSource = import.meta.url.endsWith('.ts') ? ['--conditions=@sluice/source'] : []

/** Starts a process with the user's code loaded, in a process group of its own. */
export function startChild(options: ChildOptions): Child {
  const child = spawn(options)
  const pid = child.pid
  const release = pid === undefined ? () => {} : guardGroup(pid)
  const host = ipcChannel(child, 'host')
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  const loop = watchLoop((ms) => options.onBlocked?.(ms))
  let asked = 0
  let failure: unknown

  const { promise: exited, resolve: end } = Promise.withResolvers<Exit>()
  const ended = (code: number | null, signal: NodeJS.Signals | null): void => {
    // What it started, and left behind, goes with it.
    signalGroup(child, 'SIGKILL')
    release()
    loop.stop()
    for (const { reject } of waiting.values()) reject(failure ?? exitError({ code, signal }, options.entries))
    waiting.clear()
    end({ code, signal })
  }
  child.once('exit', ended)
  child.once('error', (error) => {
    failure = new SluiceError(
      'CHILD_EXITED',
      `The process for ${options.entries.map(shownPath).join(', ')} could not be started: ${error.message}`,
      { cause: error },
    )
    ended(null, null)
  })
  host.listen((received) => {
    const message = received as FromChild
    loop.heard()
    if (message.message === 'alive') return
    if (message.message !== 'answer') return options.onMessage?.(message)
    const { resolve, reject } = waiting.get(message.ask) ?? {}
    waiting.delete(message.ask)
    if (message.answer.ok) resolve?.(message.answer.value)
    else reject?.(fromStoredError(message.answer.error))
  })

  const storeChannel = options.store || options.onStoreFrame ? ipcChannel(child, 'store') : null
  if (options.store) serveStore(options.store, storeChannel!)
  else if (options.onStoreFrame) storeChannel!.listen(options.onStoreFrame)

  const send = (request: Request): Promise<unknown> => {
    const answer = Promise.withResolvers<unknown>()
    if (child.exitCode !== null || child.signalCode !== null)
      answer.reject(failure ?? exitError({ code: child.exitCode, signal: child.signalCode }, options.entries))
    else waiting.set(asked, answer)
    host.send({ message: 'ask', ask: asked++, request })
    return answer.promise
  }
  const signal = (name: NodeJS.Signals): void => signalGroup(child, name)
  const kill = (): Promise<Exit> => {
    signal('SIGKILL')
    return exited
  }
  const giveUp = (error: SluiceError): void => {
    failure = error
    signal('SIGKILL')
  }

  const { entries, root, describing = false, settled } = options
  const load = (): Promise<unknown> => send({ request: 'load', entries, root, home: homeOf(options), describing })
  const loaded = (settled ? settled.then(load) : load()) as Promise<ModuleGraph>
  // Whoever awaits it hears of a failure; that nobody does yet is no unhandled rejection.
  loaded.catch(() => {})
  watchLoading({ child, options, loaded, giveUp })

  return {
    pid: pid ?? 0,
    loaded,
    async ask(request) {
      await loaded
      loop.start()
      return await send(request).finally(() => loop.stop())
    },
    cancel: () => host.send({ message: 'cancel' }),
    storeFrame: (frame) => storeChannel?.send(frame),
    pause(paused) {
      for (const stream of [child.stdout, child.stderr]) paused ? stream?.pause() : stream?.resume()
    },
    exited,
    async stop(grace = 5000) {
      signal('SIGTERM')
      const timer = setTimeout(() => signal('SIGKILL'), grace)
      return await exited.finally(() => clearTimeout(timer))
    },
    kill,
    unref: () => handlesOf(child).forEach((handle) => handle?.unref()),
    ref: () => handlesOf(child).forEach((handle) => handle?.ref()),
  }
}

const homeOf = ({ root, home }: ChildOptions): string => home ?? join(root, '.sluice')

function spawn(options: ChildOptions): ChildProcess {
  const { inspect, onOutput } = options
  const inspecting = inspect === true ? ['--inspect'] : inspect ? [`--inspect=${inspect}`] : ['--inspect-port=0']
  const child = fork(program, [], {
    cwd: options.cwd ?? process.cwd(),
    // From its first module on: without it a child is ready after 290 ms instead of 100.
    env: { NODE_COMPILE_CACHE: compiledIn(homeOf(options)), ...(options.env ?? process.env) },
    execArgv: [...fromSource, ...quiet, ...inspecting, ...(options.execArgv ?? [])],
    serialization: 'advanced',
    detached: true,
    // Not the terminal's input: a process outside its foreground group would be stopped for reading it.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  for (const stream of ['stdout', 'stderr'] as const) {
    const decoder = child[stream]?.setEncoding('utf8')
    decoder?.on('data', (text: string) => {
      const shown = inspect
        ? text
        : text.replace(/^(?:Debugger (?:listening|ending) on |For help, see: |Debugger attached).*\n/gm, '')
      if (shown === '') return
      if (onOutput) onOutput(shown, stream)
      else process[stream].write(shown)
    })
  }
  return child
}

/** All that keeps this process alive for a child: its pipes are sockets of this process. */
function handlesOf(child: ChildProcess): readonly ({ ref(): unknown; unref(): unknown } | null | undefined)[] {
  return [child, child.channel, child.stdout as Socket | null, child.stderr as Socket | null]
}

/** To the whole group, as the code may have started processes of its own. */
function signalGroup(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    if (process.platform === 'win32') child.kill(name)
    else process.kill(-child.pid, name)
  } catch (error) {
    // macOS says EPERM for a group of which only the dead are left.
    if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}
