import { isOwnFrame } from '../values/stack.ts'

/** Where a definition was written: the user's own file and line, found from the stack when somebody asks. */
export interface Place {
  /** `file:line:column`, or `undefined` where the stack does not tell. */
  (): string | undefined
  /** The user's files that took part in it, as far as the stack tells: where it was written, and who called that. */
  files(): readonly string[]
}

const node = /[( ]node:/

/**
 * Remembers the stack of the call that is being made. Reading it costs about 2 µs, rendering it much more, so it is
 * rendered only for an error message or a listing.
 */
export function place(): Place {
  const holder: { stack?: string } = {}
  const capture = Error as ErrorConstructor & { captureStackTrace?(target: object): void; stackTraceLimit?: number }
  const limit = capture.stackTraceLimit
  if (limit !== undefined) capture.stackTraceLimit = 6
  capture.captureStackTrace?.(holder)
  if (limit !== undefined) capture.stackTraceLimit = limit
  return Object.assign(() => userFrame(holder.stack), { files: () => userFiles(holder.stack) })
}

function userFiles(stack: string | undefined): readonly string[] {
  const lines = stack?.split('\n') ?? []
  const frames = lines.slice(1).flatMap((line) => userFrame(`\n${line}`) ?? [])
  return [...new Set(frames.map((frame) => frame.replace(/:\d+:\d+$/, '')))]
}

/** The first frame of a stack that is the user's own: `file:line:column`. */
export function userFrame(stack: string | undefined): string | undefined {
  for (const line of stack?.split('\n').slice(1) ?? []) {
    if (node.test(line) || isOwnFrame(line)) continue
    const found = /(?:\(|at (?:async )?)((?:file:\/\/)?[^()\s][^()]*:\d+:\d+)\)?$/.exec(line.trim())
    if (found?.[1]) return found[1].replace(/^file:\/\//, '')
  }
  return undefined
}
