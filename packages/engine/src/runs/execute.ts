import {
  type Configured,
  type Definitions,
  type Json,
  type LogLine,
  type Run,
  type Step,
  type StoredError,
  type StoredValue,
  SluiceError,
  decode,
  fromStoredError,
  toStoredError,
} from '@sluice/core'
import { crashPoint } from '../crash-point.ts'
import { type Limits, heldByRun } from '../limits/limits.ts'
import { openLocalLimits } from '../limits/local-limits.ts'
import { openStoreLimits } from '../limits/store-limits.ts'
import { type ProcessResources, openResourcePool, processResources } from '../resources/resource-pool.ts'
import { type Frame, closeFrame, openFrame, signalOf } from '../steps/frame.ts'
import { type Journal, loadJournal } from '../steps/journal.ts'
import { openOutbox } from '../steps/outbox.ts'
import { type Ended, runAttempt } from '../steps/attempt.ts'
import { recordResult } from '../steps/perform.ts'
import { stale } from '../steps/within.ts'
import { openReplay } from '../steps/replay.ts'
import { retryChanges, retryOf, retryRow } from '../steps/retrying.ts'
import { openRunning } from '../steps/running.ts'
import type { Store } from '../store/ports.ts'
import type { ValuePlaces } from '../values/places.ts'
import { runHook } from './hooks.ts'
import { type Target, targetOf } from './target.ts'
import { type Clock, type Isolate, type Session, waitOn } from './session.ts'
import { tellUnawaited, watchRejections } from './unawaited.ts'

export interface ExecuteOptions {
  readonly store: Store
  /** As it was after the claim of this process. */
  readonly run: Run
  /** Nothing is in the journal yet: saves asking. */
  readonly fresh: boolean
  readonly definitions: Definitions
  /** Of assets whose code version is `derived`, by name; without it they have none. */
  readonly codeVersions?: ReadonlyMap<string, string>
  readonly configured: readonly Configured[]
  readonly values: ValuePlaces
  /** Aborted: the run is canceled. A request in the store does the same. */
  readonly signal?: AbortSignal
  readonly clock?: Clock
  /** How many asset steps at once. Default 10. */
  readonly concurrency?: number
  readonly isolate?: Isolate
  /** Limits and resources of the process; default: those of all its runs, and limits of the store for a run of a server's queue. */
  readonly shared?: Shared
  /** Each line that the run logs, when it does. */
  readonly onLog?: (line: Omit<LogLine, 'id'>) => void
  /** How long canceled steps may take to stop. Default 10 s. */
  readonly grace?: number
}

export type RunEnd =
  | { readonly state: 'succeeded'; readonly value: unknown; readonly result: StoredValue | null }
  | { readonly state: 'failed' | 'canceled'; readonly error: Error }
  /** Not ended: another process took the run over, or the store failed. It can be resumed. */
  | { readonly state: 'stopped'; readonly error: Error }

/** What the runs of a process share. */
export interface Shared {
  readonly limits: Limits
  readonly resources: ProcessResources
}
const ofProcess: Shared = { limits: openLocalLimits(), resources: processResources }
/** A run that a server handed out shares its limits with those of other processes. */
const ofQueue = (store: Store): Shared => ({ ...ofProcess, limits: openStoreLimits(store) })
const systemClock: Clock = { now: () => Date.now() }

/** Executes a claimed run to its end, or from where its journal stops. Needs the calls port installed (`createCalls`). */
export async function executeRun(options: ExecuteOptions): Promise<RunEnd> {
  const { store, run } = options
  crashPoint('run-claimed')
  const journal = await loadJournal(store, run.id, options.fresh)
  crashPoint('journal-loaded')
  const logged = options.fresh ? {} : await store.logs.counts(run.id)
  const session = openSession(
    options,
    journal,
    new Map(Object.entries(logged).map(([step, lines]) => [Number(step), lines])),
  )
  let target: Target
  try {
    target = targetOf(session)
  } catch (error) {
    return { state: 'stopped', error: error as Error } // the code is not there: the run can go on when it is
  }
  const root = openFrame({
    session,
    parent: undefined,
    entry: journal.root,
    name: run.name,
    attempt: Math.max(1, journal.root.row?.attempt ?? 1),
    replay: rootReplay(session, target.kind === 'assets' || target.kind === 'checks'),
    row: rootRow(session),
  })
  Object.assign(root, { held: heldByRun(run) })
  const stopWatching = watchRun(session, options)
  try {
    const refused = await session.resources.check(target.resources).then(
      () => undefined,
      (error: Error) => error,
    )
    const end = refused ? { error: refused, frame: root } : await attemptRoot(session, root, target)
    return await conclude(session, target, end)
  } finally {
    stopWatching()
    await session.resources.closeRun()
  }
}

function openSession(options: ExecuteOptions, journal: Journal, logged: Map<number, number>): Session {
  const { store, run, clock = systemClock, shared = run.terms ? ofQueue(store) : ofProcess } = options
  let lines: LogLine[] = []
  const outbox = openOutbox(store, (error) => session.stop(error))
  const flushLogs = (): void => {
    if (lines.length === 0) return
    outbox.post({ change: 'log.add', epoch: run.epoch, run: run.id, lines })
    lines = []
  }
  const session: Session = {
    run,
    store,
    journal,
    clock,
    outbox,
    limits: shared.limits,
    logged,
    definitions: options.definitions,
    codeVersions: options.codeVersions,
    configured: options.configured,
    values: options.values,
    resources: openResourcePool(options.configured, shared.resources),
    isolate: options.isolate,
    concurrency: options.concurrency ?? 10,
    running: openRunning(),
    stopped: undefined,
    stop(reason: Error) {
      if (session.stopped) return
      session.stopped = reason
      const running = session.running.all()
      for (const frame of running) if (frame.abort) signalOf(frame)
      const root = running.find((frame) => frame.entry.step === 0)
      const isOrderly = (reason as { code?: string }).code === 'RUN_CANCELED'
      if (!root) return
      if (isOrderly) setTimeout(() => closeFrame(root, reason), options.grace ?? 10_000).unref()
      else closeFrame(root, reason)
    },
    warn(step: number, code: string, message: string, data: Readonly<Record<string, Json>> = {}) {
      const event = {
        id: 0,
        type: 'step.warning',
        at: clock.now(),
        run: run.id,
        step,
        asset: null,
        partition: null,
        data: { code, message, ...data },
      } as const
      outbox.post({ change: 'event.add', epoch: run.epoch, event })
      session.log({ step, attempt: 0, at: clock.now(), level: 'warn', message: `${code}: ${message}`, data: null })
    },
    log(line: Omit<LogLine, 'id' | 'run'>) {
      options.onLog?.({ ...line, run: run.id })
      lines.push({ ...line, id: 0, run: run.id })
      if (lines.length >= 500) flushLogs()
    },
    flushLogs,
  }
  return session
}

function rootReplay(session: Session, isAssets: boolean): ReturnType<typeof openReplay> {
  // The engine itself makes the calls of an asset run, when what they need is done: no order to repeat.
  const list = isAssets ? [] : session.journal.recorded
  return openReplay(list, ({ name }) => {
    // A retry does some steps anew: what is recorded behind them is called later than it was.
    if (session.run.retryOf === null)
      session.warn(0, 'REPLAY_DIVERGED', `"${name}" was called before the crash and is not now.`)
  })
}

function rootRow({ run, clock, journal }: Session): Step {
  return {
    run: run.id,
    step: 0,
    parent: -1,
    kind: 'flow',
    name: run.name,
    identity: '',
    key: null,
    state: 'running',
    waitingFor: null,
    attempt: 1,
    epoch: run.epoch,
    floor: journal.root.row?.floor ?? 0,
    seq: null,
    after: 0,
    tracked: true,
    startedAt: clock.now(),
    endedAt: null,
    args: null,
    upstream: null,
    result: null,
    error: null,
    reason: null,
    cachedFrom: null,
    tags: [],
  }
}

/** Rows for steps that last, lines that were logged, requests to cancel. Gives back what stops it. */
function watchRun(session: Session, options: ExecuteOptions): () => void {
  const cancel = (): void => session.stop(new SluiceError('RUN_CANCELED', `Run ${session.run.id} was canceled.`))
  const rows = setInterval(() => {
    const before = performance.now() - 40
    for (const frame of session.running.all()) {
      if (frame.posted || frame.startedAt > before || frame.entry.step === 0) continue
      frame.posted = true
      frame.entry.row ??= frame.row
      session.outbox.post({ change: 'step.record', epoch: session.run.epoch, step: frame.row })
    }
    session.flushLogs()
  }, 50)
  let asking = false
  const requests = setInterval(() => {
    if (asking || session.stopped) return
    asking = true
    session.store.runs.get(session.run.id).then(
      (run) => {
        asking = false
        if (run?.cancelRequested) cancel()
        else if (run && run.epoch !== session.run.epoch) session.stop(stale(run.id))
      },
      () => void (asking = false),
    )
  }, 500)
  if (options.signal?.aborted) cancel()
  options.signal?.addEventListener('abort', cancel, { once: true })
  const unwatch = watchRejections(session)
  return () => {
    clearInterval(rows)
    clearInterval(requests)
    options.signal?.removeEventListener('abort', cancel)
    unwatch()
  }
}

/** The run's own function, tried again as a flow says. */
async function attemptRoot(session: Session, first: Frame, target: Target): Promise<Ended & { frame: Frame }> {
  let frame = first
  const waiting = session.journal.root.row?.waitingFor
  if (waiting?.for === 'retry') {
    await pause(session, waiting.until - session.clock.now())
    frame = again(session, first)
  }
  for (;;) {
    const ended = await new Promise<Ended>((resolve) =>
      frame.replay.start(() => runAttempt(frame, { ...target, name: frame.name, timeout: target.timeout }, resolve)),
    )
    if ('value' in ended || session.stopped) return { ...ended, frame }
    closeFrame(frame, ended.error as Error)
    const retry = retryOf(target, frame.attempt, ended.error)
    if (!retry) return { ...ended, frame }
    const row = retryRow(frame, ended.error, retry.delay)
    const committed = await session.outbox.add(retryChanges(frame, row))
    if (!committed.ok) session.stop(stale(session.run.id))
    session.journal.root.row = row
    crashPoint('run-retry-recorded')
    await pause(session, retry.delay)
    if (session.stopped) return { error: session.stopped, frame }
    frame = again(session, frame)
  }
}

function again(session: Session, before: Frame): Frame {
  closeFrame(before, 'ended')
  const attempt = (session.journal.root.row?.attempt ?? before.attempt) + 1
  const frame = openFrame({
    session,
    parent: undefined,
    entry: session.journal.root,
    name: before.name,
    attempt,
    replay: before.replay,
    row: { ...before.row, attempt },
  })
  Object.assign(frame, { held: heldByRun(session.run) })
  return frame
}

function pause(session: Session, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearInterval(check)
      resolve()
    }
    const forget = waitOn(session.clock, Math.max(0, ms), done)
    const check = setInterval(() => {
      if (!session.stopped) return
      forget()
      done()
    }, 100)
  })
}

async function conclude(session: Session, target: Target, ended: Ended & { frame: Frame }): Promise<RunEnd> {
  const { run, clock } = session
  const { stopped } = session
  const isCanceled = (stopped as { code?: string } | undefined)?.code === 'RUN_CANCELED'
  if (stopped && !isCanceled) return { state: 'stopped', error: stopped }
  let result: StoredValue | null = null
  let value: unknown
  let error: Error | undefined = 'error' in ended ? (ended.error as Error) : undefined
  if (!error && !isCanceled) {
    try {
      const recording = await recordResult((ended as { value: unknown }).value, ended.frame)
      result = recording.result
      value = recording.value
    } catch (thrown) {
      error = thrown as Error
    }
  }
  closeFrame(ended.frame, 'ended')
  await new Promise((resolve) => setImmediate(resolve)) // rejections that nobody handles are told of by now
  tellUnawaited(session)
  session.flushLogs()
  const state = isCanceled ? 'canceled' : error ? 'failed' : 'succeeded'
  const stored: StoredError | null = isCanceled || !error ? null : toStoredError(error)
  crashPoint('run-ending')
  const committed = await session.outbox.add({
    change: 'run.end',
    run: run.id,
    epoch: run.epoch,
    state,
    error: stored,
    result,
    at: clock.now(),
  })
  if (!committed?.ok) return { state: 'stopped', error: session.stopped ?? stale(run.id) }
  crashPoint('run-ended')
  if (target.flow)
    await runHook(session, target.flow, {
      params: run.params === null ? undefined : decode(run.params),
      state,
      error: stored ?? undefined,
    })
  await session.outbox.flush()
  if (state === 'succeeded') return { state, value, result }
  return { state, error: isCanceled ? stopped! : fromStoredError(stored!) }
}
