import { SluiceError, toStoredError, whileEnvIsLenient } from '@sluice/core'
import type { Description, LoadRequest, Request, RunAnswer, RunRequest, Told } from '../messages.ts'
import { describe } from './describe.ts'
import { type EnvUse, watchEnv } from './env-reads.ts'
import { type Loader, installLoader } from './loader.ts'
import { performIsolated } from './isolated-step.ts'
import type { ModuleGraph } from './module-graph.ts'
import { performRun } from './run.ts'

/** What the code of one location does in this process, one request at a time. */
export interface Host {
  handle(request: Request): Promise<unknown>
  /** Aborts what goes on; `false` where nothing can be aborted tidily. */
  cancel(): boolean
  /** A promise of the user's was rejected and nobody awaited it. */
  rejected(reason: unknown): void
}

/** The user's code, once it is loaded. */
export interface Program {
  readonly loader: Loader
  readonly entries: readonly string[]
  readonly root: string
  readonly home: string
  readonly exports: readonly unknown[]
  readonly envReads: readonly EnvUse[]
}

export function host(tell: (told: Told) => void): Host {
  let program: Program | undefined
  let running: AbortController | undefined
  let whileLoadingRejected: ((reason: unknown) => void) | undefined

  const loadedProgram = (): Program => {
    if (program) return program
    throw new SluiceError('INTERNAL', 'The child was asked for something before its code was loaded.')
  }

  async function load(request: LoadRequest): Promise<ModuleGraph> {
    const { promise, reject } = Promise.withResolvers<never>()
    const loader = installLoader(request)
    whileLoadingRejected = (reason) => reject(loader.failure(request.entries[0] ?? '', reason))
    try {
      program = await Promise.race([loadAll(loader, request), promise])
      return loader.moduleGraph()
    } finally {
      whileLoadingRejected = undefined
    }
  }

  async function run(request: RunRequest): Promise<RunAnswer> {
    running = new AbortController()
    try {
      return await performRun(loadedProgram(), request, running.signal, tell)
    } finally {
      running = undefined
    }
  }

  return {
    async handle(request): Promise<ModuleGraph | Description | RunAnswer | string> {
      if (request.request === 'load') return await load(request)
      if (request.request === 'describe') return describe(loadedProgram())
      if (request.request === 'run') return await run(request)
      return await performIsolated(loadedProgram(), request, tell)
    },
    cancel() {
      running?.abort()
      return running !== undefined
    },
    rejected(reason) {
      // A refused call was reported when the file had been loaded, awaited or not.
      if ((reason as { code?: unknown } | null)?.code === 'CALLED_WHILE_LOADING') return
      if (whileLoadingRejected) whileLoadingRejected(reason)
      else tell({ message: 'unhandled', error: toStoredError(reason) })
    },
  }
}

async function loadAll(loader: Loader, { entries, root, home, describing }: LoadRequest): Promise<Program> {
  const stopWatching = describing ? watchEnv() : undefined
  const exports: unknown[] = []
  const loadEach = async (): Promise<void> => {
    for (const entry of entries) exports.push(...(await loader.loadEntry(entry)).exports)
  }
  try {
    await (describing ? whileEnvIsLenient(loadEach) : loadEach())
    return { loader, entries, root, home, exports, envReads: stopWatching?.() ?? [] }
  } finally {
    stopWatching?.()
  }
}
