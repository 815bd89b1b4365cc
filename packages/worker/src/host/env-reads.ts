import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
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
  const note = (key: string | symbol): void => {
    if (typeof key !== 'string') return
    const use = reader()
    if (use) reads.set(`${key}:${use.file}:${use.line}`, { name: key, ...use })
  }
  process.env = new Proxy(real, {
    get: (target, key) => (note(key), Reflect.get(target, key)),
    has: (target, key) => (note(key), Reflect.has(target, key)),
  })
  return () => {
    process.env = real
    return [...reads.values()]
  }
}

/** The line that reads, where it is the user's: the frame right above the proxy's three. */
function reader(): { file: string; line: number } | undefined {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 4
  const frame = new Error().stack?.split('\n')[4]
  Error.stackTraceLimit = limit
  const found = /\(?(file:\/\/[^()]+|\/[^()]+):(\d+):\d+\)?$/.exec(frame?.trim().replace(/^at (?:async )?/, '') ?? '')
  if (!found?.[1] || !found[2]) return undefined
  const url = found[1].slice(found[1].search(/file:|\//))
  const href = url.startsWith('file:') ? url : `file://${url}`
  return isUserFile(href) ? { file: fileURLToPath(href), line: Number(found[2]) } : undefined
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
  const uses = [...code.matchAll(dotted)].map((found) => ({ name: (found[1] ?? found[3])!, file, line: lineAt(found.index) }))
  for (const found of code.matchAll(destructured)) {
    for (const part of found[1]!.split(',')) {
      const name = /^\s*([A-Za-z_]\w*)/.exec(part)?.[1]
      if (name) uses.push({ name, file, line: lineAt(found.index) })
    }
  }
  return uses
}
