import { readFileSync } from 'node:fs'
import { isAbsolute, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type StoredError, toStoredError, decode } from '@sluice/core'
import { type Style, cutTo, oneLine } from './style.ts'

/** A line of the user's: `file:line:column`, the file absolute. */
export type SourcePlace = string

/** As messages show it: from the folder that the person is in. */
export function shownPlace(place: SourcePlace): string {
  const [, file, at] = /^(.*?)((?::\d+){0,2})$/.exec(place)!
  const path = file!.startsWith('file:') ? fileURLToPath(file!) : file!
  const below = relative(process.cwd(), path)
  return `${below === '' || below.startsWith('..') || isAbsolute(below) ? path : below}${at}`
}

const frame = /(?:\(|at (?:async )?)((?:file:\/\/|\/|[A-Za-z]:\\)[^()]*?:\d+:\d+)\)?$/

/** The frames of a stack that are the user's own, innermost first; others are noise to who reads it. */
export function userFrames(
  stack: string | undefined,
): readonly { readonly place: SourcePlace; readonly text: string }[] {
  return (stack ?? '').split('\n').flatMap((line) => {
    const place = frame.exec(line.trim())?.[1]
    if (!/^\s+at /.test(line) || place === undefined || /[\\/]node_modules[\\/]/.test(place)) return []
    const name = /^\s+at (?:async )?(.+?) \(/.exec(line)?.[1]
    return [{ place, text: name === undefined ? shownPlace(place) : `${shownPlace(place)} (${name})` }]
  })
}

/** Where it happened in the user's own code: as the error says, or as its stack or its cause's does. */
export function placeOf(error: StoredError): SourcePlace | undefined {
  const { place, places, data } = (
    error.data === undefined ? {} : (decode(error.data) as Record<string, unknown>)
  ) as Places & { data?: Places }
  const own = place ?? data?.place ?? lastOf(places ?? data?.places)
  if (own !== undefined) return own
  return userFrames(error.stack)[0]?.place ?? (error.cause && placeOf(error.cause))
}

/** Of two definitions that clash, the later one: it is what was just written. */
function lastOf(places: Places['places']): SourcePlace | undefined {
  const lineOf = (one: SourcePlace): number => Number(/:(\d+):\d+$/.exec(one)?.[1] ?? 0)
  return places?.filter((one) => one !== undefined).toSorted((a, b) => lineOf(b) - lineOf(a))[0]
}

interface Places {
  readonly place?: string
  readonly places?: readonly (string | undefined)[]
}

export interface ErrorContext {
  /** Where the definition is that it belongs to, where the error itself does not say. */
  readonly place?: SourcePlace | undefined
  /** What to do next, where the error does not say. */
  readonly next?: string | undefined
  readonly columns?: number
}

/** What an error is called: by its code, or where it has none of its own by its class. */
export const labelOf = ({ name, code }: Pick<StoredError, 'name' | 'code'>): string =>
  code === 'STEP_FAILED' || code === name ? name : code

/**
 * An error as a person reads it: the first line says what happened, the second names the user's own file and line, the
 * last one says what to do next.
 */
export function errorLines(style: Style, thrown: unknown, context: ErrorContext = {}): string[] {
  const error = isStored(thrown) ? thrown : toStoredError(thrown)
  const [first, ...more] = error.message.trimEnd().split('\n')
  const lines = [`${style.red('✗')} ${style.bold(style.red(labelOf(error)))} ${first}`]
  const place = placeOf(error) ?? context.place
  if (place !== undefined) {
    lines.push(`  ${style.dim('at')} ${style.cyan(shownPlace(place))}`)
    const source = sourceLine(place)
    if (source !== undefined) lines.push(`  ${style.dim(cutTo(source, 100))}`)
  }
  lines.push(...more.map((line) => `  ${line}`))
  const others = userFrames(error.stack)
    .filter((one) => one.place !== place)
    .slice(0, 3)
  lines.push(...others.map(({ text }) => `  ${style.dim(`at ${text}`)}`))
  lines.push(...causes(style, error))
  const next = error.hint ?? context.next
  if (next !== undefined)
    lines.push(...next.split('\n').map((line, index) => `  ${index === 0 ? style.dim('→') : ' '} ${line}`))
  return lines
}

function causes(style: Style, error: StoredError): string[] {
  const lines: string[] = []
  for (let { cause } = error, depth = 0; cause && depth < 3; { cause } = cause, depth += 1) {
    if (error.message.includes(cause.message)) continue
    lines.push(`  ${style.dim('caused by')} ${cause.name}: ${cutTo(oneLine(cause.message), 200)}`)
  }
  return lines
}

/** `12 | const page = …` */
function sourceLine(place: SourcePlace): string | undefined {
  const [, file, line] = /^(.*?):(\d+)(?::\d+)?$/.exec(place) ?? []
  if (file === undefined || line === undefined) return undefined
  try {
    const path = file.startsWith('file:') ? fileURLToPath(file) : resolve(file)
    const text = readFileSync(path, 'utf8').split('\n')[Number(line) - 1]?.trim()
    return text ? `${line} | ${oneLine(text)}` : undefined
  } catch {
    return undefined // the file has gone since: the place alone has to do
  }
}

function isStored(thrown: unknown): thrown is StoredError {
  return (
    typeof thrown === 'object' &&
    thrown !== null &&
    !(thrown instanceof Error) &&
    typeof (thrown as StoredError).message === 'string' &&
    'code' in thrown
  )
}
