import { existsSync, statSync } from 'node:fs'
import module from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { SluiceError } from '@sluice/core'
import { cacheFolder, codeCacheIn, compiledIn } from './code-cache.ts'
import type { Imports } from './derived-versions.ts'
import { type Sighting, loadFailure } from './load-failure.ts'
import { loadHook } from './load-hook.ts'
import { type ModuleGraph, hashCode } from './module-graph.ts'
import { resolveHook } from './resolve.ts'
import { whileLoading } from './while-loading.ts'

export interface Loaded {
  readonly module: Readonly<Record<string, unknown>>
  /** What the module exports, by whatever name. */
  readonly exports: readonly unknown[]
}

export interface Loader {
  /**
   * Loads a file of the user's.
   *
   * @throws SluiceError LOAD_NOT_FOUND, LOAD_FAILED (its cause is what was thrown, `data.place` the user's line),
   *   CALLED_WHILE_LOADING, or what a definition in the file was refused with.
   */
  loadEntry(file: string): Promise<Loaded>
  /** The error for something that a file threw outside of its own evaluation, while it was being loaded. */
  failure(file: string, cause: unknown): SluiceError
  /** What was loaded so far: dynamic imports of a run add to it. */
  moduleGraph(): ModuleGraph
  /** What each of the user's files imported so far. */
  imports(): Imports
}

/**
 * Makes this process load the user's TypeScript: Node's own type stripping, helped by two hooks, with compiled code
 * kept in the project's `.sluice/cache`. Once in a process, for its whole life.
 */
export function installLoader({ root, home }: { readonly root: string; readonly home: string }): Loader {
  const loaded = new Set<string>()
  const imports = new Map<string, Set<string>>()
  const seen: { -readonly [N in keyof Sighting]: Sighting[N] } = { lastLoaded: undefined, unresolved: undefined }
  const cache = cacheFolder(home)
  module.enableCompileCache({ directory: compiledIn(home) })
  // Meant for this process, not for those that the code starts.
  if (process.env['NODE_COMPILE_CACHE'] === compiledIn(home)) delete process.env['NODE_COMPILE_CACHE']
  module.setSourceMapsSupport(true, { nodeModules: false, generatedCode: false })
  module.registerHooks({
    resolve: resolveHook({
      resolved: (url) => void loaded.add(plain(url)),
      imported(url, parent) {
        if (!url.startsWith('file:')) return
        const from = plain(parent)
        const known = imports.get(from)
        if (known) known.add(plain(url))
        else imports.set(from, new Set([plain(url)]))
      },
      failed: (error, specifier, parent) => void (seen.unresolved = { error, specifier, parent }),
    }),
    load: loadHook(codeCacheIn(join(cache, 'code')), (url) => void (seen.lastLoaded = url)),
  })
  return {
    async loadEntry(file) {
      const path = resolve(file)
      if (!statSync(path, { throwIfNoEntry: false })?.isFile()) throw notFound(file)
      const url = pathToFileURL(path).href
      try {
        const exported = (await whileLoading(path, () => import(url))) as Record<string, unknown>
        return { module: exported, exports: Object.values(exported) }
      } catch (cause) {
        throw loadFailure(path, cause, seen)
      } finally {
        // The cache is written at a clean exit only, and this process may well be killed.
        module.flushCompileCache()
      }
    },
    failure: (file, cause) => loadFailure(file, cause, seen),
    moduleGraph() {
      const files = [...loaded]
        .map((url) => fileURLToPath(url))
        .filter((path) => existsSync(path))
        .sort()
      return { files, ...hashCode(root, files) }
    },
    imports: () => new Map([...imports].map(([from, to]) => [from, new Set(to)])),
  }
}

/** Without a query, by which one file may be loaded several times. */
const plain = (url: string): string => url.replace(/[?#].*$/, '')

function notFound(file: string): SluiceError {
  return new SluiceError('LOAD_NOT_FOUND', `There is no file ${file}.`, {
    hint: `Looked in ${dirname(resolve(file))}. Give the path of the file that exports the definitions.`,
  })
}
