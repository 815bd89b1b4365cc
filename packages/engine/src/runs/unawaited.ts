import type { Session } from './session.ts'

interface Source {
  readonly session: Session
  readonly step: number
  readonly name: string
}

const sources = new WeakMap<object, Source>()
const unhandled = new Map<Promise<unknown>, Source>()
const expected = new Set(['ATTEMPT_CLOSED', 'RUN_CANCELED', 'STALE_EPOCH'])
let watching = 0

/** Remembers which step an error came from, in case nobody awaits it. */
export function failureOf(error: Error, source: Source): void {
  sources.set(error, source)
}

function onUnhandled(reason: unknown, promise: Promise<unknown>): void {
  const source = sourceOf(reason)
  if (source) unhandled.set(promise, source)
  else if (!isStepFailure(reason) && process.listenerCount('unhandledRejection') === 1) throw reason
}

function sourceOf(reason: unknown): Source | undefined {
  return typeof reason === 'object' && reason !== null ? sources.get(reason) : undefined
}

/** Is this rejection the engine's own word about a step? Then the run tells of it, and nobody else needs to. */
export function isStepFailure(reason: unknown): boolean {
  return sourceOf(reason) !== undefined || expected.has((reason as { code?: string } | undefined)?.code ?? '')
}

function onHandled(promise: Promise<unknown>): void {
  unhandled.delete(promise)
}

/**
 * A failed step that nobody awaited is a warning of its run, never the end of the process. A rejection that is none of
 * ours is what it would be without us: an uncaught exception, unless somebody else listens. Gives back what ends the watch and writes the warnings.
 */
export function watchRejections(session: Session): () => void {
  if (watching++ === 0) {
    process.on('unhandledRejection', onUnhandled)
    process.on('rejectionHandled', onHandled)
  }
  return () => {
    tellUnawaited(session)
    if (--watching > 0) return
    process.off('unhandledRejection', onUnhandled)
    process.off('rejectionHandled', onHandled)
  }
}

/** Writes a warning for each failure that nobody awaited so far. */
export function tellUnawaited(session: Session): void {
  for (const [promise, source] of unhandled) {
    if (source.session !== session) continue
    unhandled.delete(promise)
    if (session.stopped) continue // canceled: everything in flight rejects
    session.warn(source.step, 'STEP_UNAWAITED', `"${source.name}" failed, and nobody awaited it.`)
  }
}
