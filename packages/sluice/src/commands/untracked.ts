import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { SluiceError } from '@sluice/core'
import { shownPlace } from '../terminal/error.ts'

/**
 * Refuses a script that exports nothing before loading it, as loading would execute it. Says which two lines make it a
 * tracked flow.
 */
export function refuseUntracked(file: string): void {
  const source = readFileSync(file, 'utf8')
  const code = withoutComments(source)
  if (/(?:^|[;}])\s*export\b|\bexport\s*[{*]|\bmodule\.exports\b|\bexports\./m.test(code)) return
  const call = lastCall(code)
  const name = basename(file).replace(/\.[^.]+$/, '')
  throw new SluiceError('LOAD_EMPTY', `${shownPlace(file)} exports nothing that Sluice can run.`, {
    hint: call === undefined ? wrapped(source, name, file) : replaced(source, name, call, file),
    data: { place: `${file}:${call?.line ?? 1}` },
  })
}

interface Call {
  readonly name: string
  readonly line: number
}

/** The call at the top level that starts a script: `main()`, `await main()`, `main().catch(…)`. */
function lastCall(code: string): Call | undefined {
  const lines = code.split('\n')
  const line = lines.findLastIndex((text) => /^(?:void |await )?[A-Za-z_$][\w$]*\(\s*\)/.test(text))
  const name = /^(?:void |await )?([A-Za-z_$][\w$]*)\(/.exec(lines[line] ?? '')?.[1]
  const isOwn =
    name !== undefined && new RegExp(`\\b(?:function|const|let|var)\\s+${name.replaceAll('$', '\\$')}\\b`).test(code)
  return isOwn ? { name, line: line + 1 } : undefined
}

function replaced(source: string, name: string, call: Call, file: string): string {
  const { newLine } = firstLine(source)
  return [
    'Two lines make it a tracked flow:',
    `  + ${newLine}import { flow } from 'sluice'`,
    `  - ${call.line}: ${source.split('\n')[call.line - 1]!.trim()}`,
    `  + ${call.line}: export const ${identifier(name, call.name)} = flow('${name}', ${call.name})`,
    `Then: sluice run ${shownPlace(file)}`,
  ].join('\n')
}

function wrapped(source: string, name: string, file: string): string {
  const { newLine } = firstLine(source)
  return [
    'Two lines make it a tracked flow, around what is there now:',
    `  + ${newLine}import { flow } from 'sluice'`,
    `  + export const ${identifier(name, '')} = flow('${name}', async () => { … })`,
    `Then: sluice run ${shownPlace(file)}`,
  ].join('\n')
}

const firstLine = (source: string): { newLine: string } => ({ newLine: source.startsWith('#!') ? '2: ' : '1: ' })

/** A name for the export that no function of the script has. */
function identifier(name: string, taken: string): string {
  const camel = name.replaceAll(/[^\w$]+(\w?)/g, (_, letter: string) => letter.toUpperCase()).replace(/^(?=\d)/, '_')
  return camel === taken || camel === '' || camel === 'flow' ? `${camel}Flow` : camel
}

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\/|(?<![:'"`\\])\/\/.*$/gm, (comment) => comment.replaceAll(/[^\n]/g, ' '))
}
