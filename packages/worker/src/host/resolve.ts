import { statSync } from 'node:fs'
import { isBuiltin, type ResolveHookSync } from 'node:module'
import { dirname, extname, join, resolve as absolute } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { configFor } from './tsconfig.ts'
import { isUserFile } from './user-files.ts'

const extensions = ['.ts', '.tsx', '.mts', '.cts', '.js', '.mjs', '.cjs', '.jsx', '.json']
/** What TypeScript lets one write for a source file: the name of the file it will become. */
const written: Readonly<Record<string, readonly string[]>> = {
  '.js': ['.ts', '.tsx'],
  '.mjs': ['.mts'],
  '.cjs': ['.cts'],
  '.jsx': ['.tsx'],
}

export interface ResolveListener {
  resolved(url: string): void
  /** A file of the user's imports another, or one of a package. */
  imported(url: string, parent: string): void
  failed(error: unknown, specifier: string, parent: string): void
}

/**
 * Resolves what TypeScript resolves and Node does not: no extension, `.js` for a `.ts` file, a folder with an index,
 * `paths` and `baseUrl`, JSON without an attribute. Only imports written in the user's own files are looked at; code
 * in node_modules is Node's alone.
 */
export function resolveHook(listener: ResolveListener): ResolveHookSync {
  return (specifier, context, next) => {
    const parent = context.parentURL
    if (parent === undefined || isBuiltin(specifier) || !isUserFile(parent)) return note(next(specifier, context))
    const noted = (result: ReturnType<ResolveHookSync>): ReturnType<ResolveHookSync> => {
      listener.imported(result.url, parent)
      return note(result)
    }
    // `require` takes paths, `import` takes URLs.
    const inTermsOf = (file: string): string =>
      context.conditions.includes('require') ? file : pathToFileURL(file).href
    const found = find(specifier, parent)
    try {
      return noted(next(found ? inTermsOf(found) : specifier, context))
    } catch (error) {
      // Deep imports of packages without `exports` ('lodash/fp'): Node names the file that it did not find.
      const { url } = error as { url?: string }
      const file = url?.startsWith('file:') ? existing(fileURLToPath(url)) : undefined
      if (file) return noted(next(inTermsOf(file), context))
      listener.failed(error, specifier, parent)
      throw error
    }
  }

  function note(result: ReturnType<ResolveHookSync>): ReturnType<ResolveHookSync> {
    if (!isUserFile(result.url)) return result
    listener.resolved(result.url)
    if (!result.url.endsWith('.json') || result.importAttributes?.['type'] !== undefined) return result
    return { ...result, importAttributes: { ...result.importAttributes, type: 'json' } }
  }
}

/** The file that is meant, or `undefined` where Node should look by itself. */
function find(specifier: string, parent: string): string | undefined {
  const file = fileURLToPath(parent)
  if (/^\.{0,2}\//.test(specifier) || specifier === '.' || specifier === '..')
    return existing(absolute(dirname(file), specifier))
  if (specifier.startsWith('file:')) return existing(fileURLToPath(specifier))
  for (const candidate of configFor(file).candidates(specifier)) {
    if (isFile(candidate)) return candidate
    const found = existing(candidate)
    if (found) return found
  }
  return undefined
}

function existing(path: string): string | undefined {
  if (isFile(path)) return undefined
  const extension = extname(path)
  for (const source of written[extension] ?? []) {
    const file = path.slice(0, -extension.length) + source
    if (isFile(file)) return file
  }
  for (const added of extensions) if (isFile(path + added)) return path + added
  // A folder with a package.json has a main file, which Node knows.
  if (isFile(join(path, 'package.json'))) return undefined
  for (const added of extensions) if (isFile(join(path, `index${added}`))) return join(path, `index${added}`)
  return undefined
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}
