import type { ConditionSaid, Requested } from '@sluice/api/workers'
import { type Definitions, SluiceError, collect, toStoredError, whileEnvIsLenient } from '@sluice/core'
import type {
  Checked,
  CollectedAnswer,
  Description,
  LoadRequest,
  Prepared,
  Preview,
  Request,
  Rest,
  RunAnswer,
  RunRequest,
  Told,
} from '../messages.ts'
import { watchRest } from './at-rest.ts'
import { check } from './check.ts'
import { collectGarbage } from './collect.ts'
import { configuredEntries } from './configured-entries.ts'
import { derivedVersions } from './derived-versions.ts'
import { describe } from './describe.ts'
import { type EnvUse, watchEnv } from './env-reads.ts'
import { type Loader, installLoader } from './loader.ts'
import { performIsolated } from './isolated-step.ts'
import type { ModuleGraph } from './module-graph.ts'
import { prepare } from './prepare.ts'
import { preview } from './preview.ts'
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
  /** Loaded to be looked at: what it reads from the environment is noted. */
  readonly describing: boolean
  readonly exports: readonly unknown[]
  readonly envReads: readonly EnvUse[]
  /** Of assets that ask for it, as the code was when it had been loaded: what a run imports later is no part of it. */
  readonly codeVersions: ReadonlyMap<string, string>
}

export function host(tell: (told: Told) => void): Host {
  let program: Program | undefined
  let rest: (() => Promise<Rest>) | undefined
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
      rest = watchRest()
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

  /** Steps that fail with nobody awaiting them are told of by their run. */
  async function tellRejected(reason: unknown): Promise<void> {
    const isOurs = running !== undefined && (await import('@sluice/engine')).isStepFailure(reason)
    if (!isOurs) tell({ message: 'unhandled', error: toStoredError(reason) })
  }

  return {
    async handle(
      request,
    ): Promise<
      | ModuleGraph
      | Description
      | Prepared
      | Preview
      | Checked
      | CollectedAnswer
      | RunAnswer
      | Requested
      | ConditionSaid
      | Rest
      | string
      | undefined
      | void
    > {
      if (request.request === 'load') return await load(request)
      if (request.request === 'describe') return await describe(loadedProgram(), request)
      if (request.request === 'run') return await run(request)
      if (request.request === 'rest') return await rest?.()
      if (request.request === 'prepare') return await prepare(collect(loadedProgram().exports), request)
      if (request.request === 'preview') return await preview(loadedProgram(), request)
      if (request.request === 'collect') return await collectGarbage(loadedProgram(), request)
      if (request.request === 'check') return await check(loadedProgram(), request)
      if (request.request === 'ready') return await (await import('./ready.ts')).ready(loadedProgram(), request)
      if (request.request === 'condition') return await (await import('./evaluate.ts')).sayOf(loadedProgram(), request)
      if (request.request === 'tick' || request.request === 'look')
        return await (await import('./evaluate.ts')).evaluate(loadedProgram(), request)
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
      else void tellRejected(reason)
    },
  }
}

async function loadAll(loader: Loader, request: LoadRequest): Promise<Program> {
  const { root, home, describing } = request
  const stopWatching = describing ? watchEnv() : undefined
  const exports: unknown[] = []
  let { entries } = request
  const loadEach = async (): Promise<void> => {
    entries = await configuredEntries(loader, entries)
    for (const entry of entries) exports.push(...(await loader.loadEntry(entry)).exports)
  }
  try {
    await (describing ? whileEnvIsLenient(loadEach) : loadEach())
    const codeVersions = versionsOf(exports, loader, root)
    return { loader, entries, root, home, describing, exports, envReads: stopWatching?.() ?? [], codeVersions }
  } finally {
    stopWatching?.()
  }
}

/** Read now: this process may execute a run much later, when the files are others. */
function versionsOf(exports: readonly unknown[], loader: Loader, root: string): ReadonlyMap<string, string> {
  let definitions: Definitions
  try {
    definitions = collect(exports)
  } catch {
    return new Map() // whoever asks for the definitions is told what is wrong with them
  }
  return derivedVersions(definitions, loader.imports(), root)
}
