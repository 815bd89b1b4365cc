import { readFileSync } from 'node:fs'
import { type LoadHookSync, stripTypeScriptTypes } from 'node:module'
import { fileURLToPath } from 'node:url'
import { type CodeCache, keyOf } from './code-cache.ts'
import { dropsImports, transform } from './transform.ts'
import { type LoadingConfig, configFor } from './tsconfig.ts'
import { isUserFile, packageOf } from './user-files.ts'

/** Part of every cache key: raise it when the same source would become other code. */
const VERSION = '1'
const refused =
  /\b(?:enum|namespace|module)\b|\bconstructor\s*\([^)]*\b(?:public|private|protected|readonly|override)\b|\bimport\s+\w+\s*=|\bexport\s*=/
const namedImport = /^\s*import\s+(?!type\b)[\w$,\s]*(?:\{|\w)/m
const esmSyntax =
  /^\s*(?:import\s*(?:["'{*]|(?!\w+\s*=)\w)|export\s*(?:[{*]|(?:default|const|let|var|function|async|class|abstract|enum|namespace|interface|type|declare)\b))/m

/**
 * Gives Node other source only for the TypeScript files that it would refuse; every other file passes untouched, so
 * that it stays in the compile cache (with a hook that gives every source, 1,000 files take 99 ms at each start instead of
 * 3). Also reads `import` and `export` in a package that says `"type": "commonjs"`, as compilers do.
 */
export function loadHook(cache: CodeCache, loading: (url: string) => void): LoadHookSync {
  return (url, context, next) => {
    if (!isUserFile(url)) return next(url, context)
    loading(url)
    const extension = /\.[cm]?tsx?$/.exec(url)?.[0]
    if (!extension) return next(url, context)
    const file = fileURLToPath(url)
    const source = readFileSync(file, 'utf8')
    const code = replacement(file, source, extension, cache)
    if (code !== undefined) return { format: formatOf(url, extension, source), source: code, shortCircuit: true }
    const esm = context.format === 'commonjs-typescript' && extension === '.ts' && esmSyntax.test(source)
    return next(url, esm ? { ...context, format: 'module-typescript' } : context)
  }
}

function replacement(file: string, source: string, extension: string, cache: CodeCache): string | undefined {
  const config = configFor(file)
  const candidate = extension.endsWith('x') || refused.test(source) || (!config.verbatim && namedImport.test(source))
  if (!candidate) return undefined
  const key = keyOf(VERSION, JSON.stringify([config.jsx, config.verbatim]), file, source)
  const cached = cache.get(key)
  // An empty entry: Node takes this file as it is.
  if (cached !== undefined) return cached === '' ? undefined : cached
  const code = nodeTakes(file, source, extension, config) ? undefined : transform(file, source, config)
  cache.put(key, code ?? '')
  return code
}

function nodeTakes(file: string, source: string, extension: string, config: LoadingConfig): boolean {
  if (extension.endsWith('x')) return false
  try {
    if (refused.test(source)) stripTypeScriptTypes(source)
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') return false
    return true
  }
  return config.verbatim || !namedImport.test(source) || !dropsImports(file, source, config)
}

function formatOf(url: string, extension: string, source: string): 'module' | 'commonjs' {
  if (extension === '.mts') return 'module'
  if (extension === '.cts') return 'commonjs'
  return packageOf(url).type === 'module' || esmSyntax.test(source) || /\bimport\.meta\b/.test(source)
    ? 'module'
    : 'commonjs'
}
