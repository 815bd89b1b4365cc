import { readFileSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { SluiceError, userFrame } from '@sluice/core'
import { shownPath } from './shown-path.ts'
import { syntaxError } from './transform.ts'
import { isUserFile } from './user-files.ts'

/** What the hooks saw, for errors that do not say where they come from. */
export interface Sighting {
  readonly lastLoaded: string | undefined
  readonly unresolved: { readonly error: unknown; readonly specifier: string; readonly parent: string } | undefined
}

/** The error of a file that threw while it was loaded, with the user's own file and line. */
export function loadFailure(file: string, cause: unknown, sighting: Sighting): SluiceError {
  const place = whereFailed(cause, sighting)
  const data = place === undefined ? {} : { data: { place } }
  // Errors that Sluice raised while definitions were made already say what is wrong and what to do.
  if (cause instanceof Error && cause.name === 'SluiceError') {
    const { code, message, hint } = cause as SluiceError
    return new SluiceError(code, message, { cause, ...(hint !== undefined && { hint }), ...data })
  }
  const reason = cause instanceof Error ? cause.message : String(cause)
  const hint = hintFor(cause, sighting)
  return new SluiceError('LOAD_FAILED', `${shownPath(file)} could not be loaded: ${firstLine(reason)}`, {
    cause,
    ...(hint !== undefined && { hint }),
    ...data,
  })
}

function whereFailed(cause: unknown, sighting: Sighting): string | undefined {
  const stack = cause instanceof Error ? cause.stack : undefined
  if (sighting.unresolved && sighting.unresolved.error === cause) return whereImported(sighting.unresolved)
  // Syntax and linking errors begin with the place, not with the message.
  const header = /^((?:file:\/\/)?\/.+|[A-Za-z]:\\.+):(\d+)$/.exec(firstLine(stack ?? ''))
  if (header?.[1]) return `${toPath(header[1])}:${header[2]}`
  if (cause instanceof SyntaxError && sighting.lastLoaded !== undefined && !/\bat .*file:\/\//.test(stack ?? '')) {
    const file = fileURLToPath(sighting.lastLoaded)
    return `${file}:${syntaxError(file, readFileSync(file, 'utf8')) ?? '1:1'}`
  }
  return userPlace(stack)
}

/** The innermost frame that is the user's: `file:line:column`. */
function userPlace(stack: string | undefined): string | undefined {
  for (const frame of (stack ?? '').split('\n').slice(1)) {
    const found = /(?:\(|at (?:async )?)((?:file:\/\/)?\/[^()]*?):(\d+:\d+)\)?$/.exec(frame.trim())
    if (found?.[1] && isUserFile(pathToFileURL(toPath(found[1])).href)) return `${toPath(found[1])}:${found[2]}`
  }
  return userFrame(stack)
}

function whereImported({ specifier, parent }: NonNullable<Sighting['unresolved']>): string {
  const file = fileURLToPath(parent)
  const lines = readFileSync(file, 'utf8').split('\n')
  const line = lines.findIndex((text) => text.includes(`'${specifier}'`) || text.includes(`"${specifier}"`))
  return `${file}:${line + 1 || 1}`
}

function hintFor(cause: unknown, { unresolved }: Sighting): string | undefined {
  const reason = cause instanceof Error ? cause.message : ''
  if (unresolved && unresolved.error === cause && /^[@a-z]/i.test(unresolved.specifier))
    return `npm install ${packageName(unresolved.specifier)}`
  if (reason === 'Invalid or unexpected token')
    return 'Node does not run decorators, nor other syntax that is no JavaScript yet.'
  const global = /^(__dirname|__filename|require) is not defined/.exec(reason)?.[1]
  if (global === '__dirname') return 'Write import.meta.dirname.'
  if (global === '__filename') return 'Write import.meta.filename.'
  if (global === 'require') return "Write import … from '…', or createRequire(import.meta.url) of node:module."
  if (reason.includes('does not provide an export named'))
    return 'If it is a type, say so: import { type … }, export { type … }.'
  return undefined
}

const packageName = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
const firstLine = (text: string): string => text.split('\n', 1)[0] ?? ''
const toPath = (location: string): string => (location.startsWith('file:') ? fileURLToPath(location) : location)
