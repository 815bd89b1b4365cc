import { readFileSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { getCallSites } from 'node:util'
import { isUserFile } from './user-files.ts'

/** A variable that the code reads from `process.env` without having declared it with `env()`. */
export interface EnvUse {
  readonly name: string
  readonly file: string
  readonly line: number
}

/** Notes which variables the user's own files read until the result is called, which gives them and stops it. */
export function watchEnv(): () => readonly EnvUse[] {
  const real = process.env
  const reads = new Map<string, EnvUse>()
  let looking = false
  const note = (key: string | symbol): void => {
    // Node itself reads the environment when it writes a stack.
    if (looking || typeof key !== 'string') return
    looking = true
    const use = reader()
    looking = false
    if (use) reads.set(`${key}:${use.file}:${use.line}`, { name: key, ...use })
  }
  process.env = new Proxy(real, {
    get(target, key) {
      note(key)
      return Reflect.get(target, key)
    },
    has(target, key) {
      note(key)
      return Reflect.has(target, key)
    },
  })
  return () => {
    process.env = real
    return [...reads.values()]
  }
}

/** The line that reads, where it is the user's: the frame above the proxy's own three. */
function reader(): { file: string; line: number } | undefined {
  const site = getCallSites(4, { sourceMap: true })[3]
  const url = site?.scriptName.startsWith('/') ? pathToFileURL(site.scriptName).href : site?.scriptName
  return site && url && isUserFile(url) ? { file: fileURLToPath(url), line: site.lineNumber } : undefined
}

const dotted = /\bprocess\.env(?:\.([A-Za-z_]\w*)|\[\s*(['"])([^'"]+)\2\s*\])(?!\s*=(?!=))/g
const destructured = /\{([^{}]*)\}\s*=\s*process\.env\b/g

/** Every reading of `process.env` in these sources, whether the line has run or not. Comments do not count. */
export function scanEnv(files: readonly string[]): readonly EnvUse[] {
  return files.flatMap((file) => (/\.[cm]?[jt]sx?$/.test(file) ? scanSource(file, readFileSync(file, 'utf8')) : []))
}

function scanSource(file: string, source: string): EnvUse[] {
  const code = source.replace(/\/\*[\s\S]*?\*\/|(?<![:'"`\\])\/\/.*$/gm, (comment) => comment.replace(/[^\n]/g, ' '))
  const lineAt = (index: number): number => code.slice(0, index).split('\n').length
  const uses = [...code.matchAll(dotted)].map((found) => ({
    name: (found[1] ?? found[3])!,
    file,
    line: lineAt(found.index),
  }))
  for (const found of code.matchAll(destructured)) {
    for (const part of found[1]!.split(',')) {
      const name = /^\s*([A-Za-z_]\w*)/.exec(part)?.[1]
      if (name) uses.push({ name, file, line: lineAt(found.index) })
    }
  }
  return uses
}
