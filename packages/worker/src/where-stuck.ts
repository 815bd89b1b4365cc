import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { isUserFile } from './host/user-files.ts'

/** How long a process gets to say where it is. */
const PATIENCE = 10_000

interface Event {
  readonly method?: string
  readonly params?: { readonly scriptId: string; readonly url: string; readonly callFrames: readonly Frame[] }
}

interface Frame {
  /** Lines and columns from 0. */
  readonly location: { readonly scriptId: string; readonly lineNumber: number; readonly columnNumber: number }
}

/**
 * The line that a process executes, even where it spins: SIGUSR1 opens Node's inspector, which interrupts the code.
 * `file:line:column` of the innermost frame in a file of the user's; `undefined` where it is in none, as an idle one is.
 */
export async function whereStuck(child: ChildProcess): Promise<string | undefined> {
  // Windows has no SIGUSR1: the place stays unknown there.
  if (process.platform === 'win32' || !child.stderr) return undefined
  const timeout = AbortSignal.timeout(PATIENCE)
  const address = inspectorOf(child, timeout)
  child.kill('SIGUSR1')
  const url = await address
  return url === undefined ? undefined : await pause(url, timeout)
}

function inspectorOf(child: ChildProcess, timeout: AbortSignal): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  const read = (text: string): void => {
    const found = /Debugger listening on (ws:\S+)/.exec(text)?.[1]
    if (found) resolve(found)
  }
  child.stderr?.on('data', read)
  timeout.addEventListener('abort', () => resolve(undefined))
  return promise.finally(() => child.stderr?.off('data', read))
}

function pause(url: string, timeout: AbortSignal): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  const socket = new WebSocket(url)
  timeout.addEventListener('abort', () => resolve(undefined))
  socket.addEventListener('error', () => resolve(undefined))
  socket.addEventListener('open', () => {
    for (const [id, method] of ['Debugger.enable', 'Debugger.pause'].entries())
      socket.send(JSON.stringify({ id, method }))
  })
  const scripts = new Map<string, string>()
  socket.addEventListener('message', ({ data }) => {
    const { method, params } = JSON.parse(String(data)) as Event
    if (method === 'Debugger.scriptParsed' && params) scripts.set(params.scriptId, params.url)
    if (method === 'Debugger.paused' && params) resolve(placeOf(params.callFrames, scripts))
  })
  return promise.finally(() => socket.close())
}

function placeOf(frames: readonly Frame[], scripts: ReadonlyMap<string, string>): string | undefined {
  for (const { location } of frames) {
    const url = scripts.get(location.scriptId) ?? ''
    if (isUserFile(url)) return `${fileURLToPath(url)}:${location.lineNumber + 1}:${location.columnNumber + 1}`
  }
  return undefined
}
