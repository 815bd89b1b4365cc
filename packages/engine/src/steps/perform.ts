import {
  type Limit,
  type Retries,
  type Step,
  type StepKind,
  type StoredError,
  type StoredValue,
  SluiceError,
  decode,
  encode,
  fromStoredError,
  type Duration,
  toStoredError,
} from '@sluice/core'
import type { Change } from '../store/changes.ts'
import { crashPoint } from '../crash-point.ts'
import { failureOf } from '../runs/unawaited.ts'
import { remember } from '../tasks/lineage.ts'
import { type Frame, attemptClosed, closeFrame, closedBy, openFrame } from './frame.ts'
import { type Entry, type Known, entryOf, isSettled, isVoid, letGo } from './journal.ts'
import { type Session, waitOn } from '../runs/session.ts'
import { unread } from '../store/ports.ts'
import { type Ended, runAttempt } from './attempt.ts'
import type { Mark, Replay } from './replay.ts'
import { ancestors, retryChanges, retryOf, retryRow } from './retrying.ts'
import { selfOf, stale } from './within.ts'

/** A call, whatever was called: how it is found again, how it is tried, what it does. */
export interface StepSpec {
  readonly kind: StepKind
  readonly name: string
  /** `name:hash` of the inputs, or `name:=key`. */
  readonly base: string
  readonly key: string | null
  readonly keyed: boolean
  readonly args: string | null
  readonly upstream: readonly number[] | null
  readonly retries: number | Retries | undefined
  readonly timeout: Duration | undefined
  readonly limits: readonly Limit[]
  readonly tags: readonly string[]
  /** One attempt. */
  body(frame: Frame): unknown
  /** Turns what the body gave into what is recorded; default: its encoding. */
  readonly record?: (value: unknown, frame: Frame) => Promise<Recording> | Recording
  /** What is committed together with a failure that is final. */
  readonly failing?: (frame: Frame) => readonly Change[]
  /** A result of an earlier run that will do. */
  readonly cached?: () => Promise<{ run: string; step: number; value: StoredValue } | null>
  /** The order of outcomes below: its own for an asset, its parent's for all else. */
  readonly replay?: () => Replay
  /** After the outcome is on disk, before it is delivered. */
  readonly committed?: (row: Step) => void
}

/** What a success records, and what its caller gets. */
export interface Recording {
  readonly state: 'succeeded' | 'skipped' | 'failed' | 'upstream_failed'
  readonly result: StoredValue | null
  readonly error?: StoredError
  readonly reason: string | null
  /** Committed together with the outcome. */
  readonly changes: readonly Change[]
  /** What the caller gets. */
  readonly value: unknown
}

type Resolve = (value: unknown) => void
type Reject = (error: Error) => void

/** Makes a call from `parent`: returns the recorded outcome where there is one, and executes it where there is none. */
export function performStep(parent: Frame, spec: StepSpec): Promise<unknown> {
  const { session } = parent
  if (session.stopped) return Promise.reject(session.stopped)
  if (parent.closed) return Promise.reject(attemptClosed(parent))
  const mark = parent.replay.mark()
  const calls = session.journal.calls(parent.entry.step, spec.base)
  if (calls.caller !== parent) {
    calls.caller = parent
    calls.count = calls.flying = 0
  }
  if (calls.flying > 0 && !mark.tracked && !spec.keyed) return Promise.reject(ambiguous(spec))
  const nth = calls.count++
  calls.flying++
  parent.inFlight++
  const found = entryOf(calls, nth)
  return new Promise((resolve, reject) => {
    const back = (): void => {
      if (calls.caller === parent) calls.flying--
      if (--parent.inFlight === 0) parent.idle?.()
    }
    const succeed: Resolve = (value) => {
      back()
      resolve(value)
    }
    const fail: Reject = (error) => {
      failureOf(error, { session, step: found?.step ?? 0, name: spec.name })
      back()
      reject(error)
    }
    if (found && isSettled(found) && !isVoid(found.row!, parent.entry))
      return deliverRecorded(parent, found, succeed, fail)
    const entry = found ?? session.journal.add(calls, nth, parent.entry.step)
    execute(new Call(parent, spec, entry, mark, succeed, fail), `${spec.base}:${nth}`)
  })
}

function ambiguous(spec: StepSpec): SluiceError {
  return new SluiceError(
    'STEP_IDENTITY_AMBIGUOUS',
    `Two calls of "${spec.name}" with equal arguments run at once, behind an await that is not a step: a replay could not tell them apart.`,
    { hint: `Give each a key of its own: task('${spec.name}', { key: (…) => … }, …), or await a step instead.` },
  )
}

function deliverRecorded(parent: Frame, entry: Entry, succeed: Resolve, fail: Reject): void {
  const row = entry.row!
  const recorded = { seq: row.seq!, tracked: row.tracked, name: row.name }
  const { result } = row
  const text = result !== null && result !== unread && 'inline' in result ? result.inline : undefined
  const settle = (value: unknown): void => {
    remember(value, parent.session.run.id, entry.step)
    settleAs(row, value, succeed, fail)
  }
  if (row.state !== 'succeeded' || result === null || text !== undefined) {
    const { waiters } = entry
    const ready = waiters && new Promise<void>((resolve) => waiters.push(resolve))
    const deliver = (): void => {
      letGo(entry)
      settle(text === undefined ? undefined : decode(text))
    }
    return parent.replay.called(recorded, deliver, ready)
  }
  let value: unknown
  let broken: Error | undefined
  const ready = readResult(parent.session, entry.step, result).then(
    (read) => void (value = read),
    (error: Error) => void (broken = error),
  )
  parent.replay.called(recorded, () => (broken ? fail(broken) : settle(value)), ready)
}

async function readResult({ run, store, values }: Session, step: number, kept: StoredValue | typeof unread) {
  const result = kept === unread ? (await store.steps.get(run.id, step))?.result : kept
  if (!result) return undefined // it was collected since
  return 'inline' in result ? decode(result.inline) : values.readResult(result)
}

function settleAs(row: Pick<Known, 'state' | 'error'>, value: unknown, succeed: Resolve, fail: Reject): void {
  if (row.error && row.state !== 'succeeded' && row.state !== 'skipped') fail(fromStoredError(row.error))
  else succeed(value)
}

/**
 * A class, because V8 comes to allocate literals of this kind among the objects that last. What they point to, which is
 * all that a call needs, is then kept until a full collection.
 */
class Call {
  readonly parent: Frame
  readonly spec: StepSpec
  readonly entry: Entry
  readonly mark: Mark
  readonly succeed: Resolve
  readonly fail: Reject

  constructor(parent: Frame, spec: StepSpec, entry: Entry, mark: Mark, succeed: Resolve, fail: Reject) {
    this.parent = parent
    this.spec = spec
    this.entry = entry
    this.mark = mark
    this.succeed = succeed
    this.fail = fail
  }
}

function execute(call: Call, identity: string): void {
  const { parent, spec, entry } = call
  const { session } = parent
  const before = entry.row
  // A void failure starts a new round of attempts; a crash in the middle of one does not use it up.
  const isNewRound = before !== undefined && before.seq !== null
  const waitsForRetry = before?.waitingFor?.for === 'retry'
  const next = before ? before.attempt + (isNewRound || waitsForRetry ? 1 : 0) : 1
  const attempt = Math.max(next, entry.opened + 1)
  const base: Step = {
    run: session.run.id,
    step: entry.step,
    parent: parent.entry.step,
    kind: spec.kind,
    name: spec.name,
    identity,
    key: spec.key,
    state: 'running',
    waitingFor: null,
    attempt,
    epoch: session.run.epoch,
    floor: before?.floor ?? 0,
    seq: null,
    after: call.mark.after,
    tracked: call.mark.tracked,
    startedAt: session.clock.now(),
    endedAt: null,
    args: spec.args,
    upstream: spec.upstream,
    result: null,
    error: null,
    reason: null,
    cachedFrom: null,
    tags: spec.tags,
  }
  const begin = (): void => attemptOnce(call, base, attempt, isNewRound ? before.attempt : 0)
  const until = waitsForRetry && before.waitingFor?.for === 'retry' ? before.waitingFor.until - session.clock.now() : 0
  if (until > 0) waitThen(parent, until, begin, call.fail)
  else if (spec.cached) void findCached(call, base, begin)
  else begin()
}

async function findCached(call: Call, base: Step, begin: () => void): Promise<void> {
  const { parent, spec } = call
  try {
    const hit = await spec.cached!()
    if (!hit) return begin()
    const value = 'inline' in hit.value ? decode(hit.value.inline) : await parent.session.values.readResult(hit.value)
    const cachedFrom = { run: hit.run, step: hit.step }
    commit(
      call,
      undefined,
      { ...base, cachedFrom },
      { state: 'succeeded', result: hit.value, reason: null, changes: [], value },
    )
  } catch (error) {
    call.fail(error as Error)
  }
}

/** Waits unless the run stops or the caller is given up first. */
function waitThen(parent: Frame, ms: number, then: () => void, fail: Reject): void {
  const { session } = parent
  const check = setInterval(() => {
    const reason = session.stopped ?? closedBy(parent)
    if (!reason) return
    clearInterval(check)
    forget()
    fail(reason)
  }, 100)
  const forget = waitOn(session.clock, ms, () => {
    clearInterval(check)
    then()
  })
}

function attemptOnce(call: Call, base: Step, attempt: number, roundFrom: number): void {
  const { parent, spec, entry } = call
  const { session } = parent
  const reason = session.stopped ?? (parent.closed && attemptClosed(parent))
  if (reason) return call.fail(reason)
  entry.opened = attempt
  crashPoint('attempt-opened')
  const frame = openFrame({
    session,
    parent,
    entry,
    name: spec.name,
    attempt,
    replay: spec.replay?.() ?? parent.replay,
    row: base.attempt === attempt ? base : { ...base, attempt },
  })
  const settled = (outcome: Ended): void => {
    if ('error' in outcome) return failed(call, frame, outcome.error, roundFrom)
    succeeded(call, frame, outcome.value, roundFrom)
  }
  const ended = (outcome: Ended): void => {
    const closing = session.resources.closeStep(frame)
    if (closing) void closing.then(() => settled(outcome))
    else settled(outcome)
  }
  if (spec.limits.length === 0) return runAttempt(frame, spec, ended)
  frame.row = { ...frame.row, state: 'waiting', waitingFor: { for: 'turn', limit: spec.limits[0]!.name } }
  session.limits.take(frame, spec.limits).then(
    (release) => {
      frame.row = { ...frame.row, state: 'running', waitingFor: null, startedAt: session.clock.now() }
      runAttempt(frame, spec, (outcome) => {
        release()
        ended(outcome)
      })
    },
    (error: Error) => ended({ error }),
  )
}

function succeeded(call: Call, frame: Frame, value: unknown, roundFrom: number): void {
  const { spec } = call
  let recording: Promise<Recording> | Recording
  try {
    recording = spec.record ? spec.record(value, frame) : recordResult(value, frame)
  } catch (error) {
    return failed(call, frame, error, roundFrom)
  }
  if (!(recording instanceof Promise)) return commit(call, frame, frame.row, recording)
  recording.then(
    (made) => {
      if (frame.closed) failed(call, frame, closedBy(frame), roundFrom)
      else commit(call, frame, frame.row, made)
    },
    (error: unknown) => failed(call, frame, error, roundFrom),
  )
}

const inlineLimit = 8_192

/** Encodes a result: inline where it is short, else in a file of this attempt's own. */
export function recordResult(value: unknown, frame: Frame): Promise<Recording> | Recording {
  const text = encode(value)
  const made = { state: 'succeeded', reason: null, changes: [] } as const
  if (text.length <= inlineLimit) {
    const isScalar = value === null || (typeof value !== 'object' && typeof value !== 'number')
    return { ...made, result: { inline: text }, value: isScalar ? value : decode(text) }
  }
  return frame.session.values.writeResult(text, frame).then((result) => ({ ...made, result, value: decode(text) }))
}

function failed(call: Call, frame: Frame, error: unknown, roundFrom: number): void {
  const { parent, spec } = call
  const { session } = frame
  closeFrame(frame, 'ended')
  // No outcome of the step's own: with room on the disk again, the run goes on from here.
  if ((error as { code?: string } | undefined)?.code === 'STORE_FULL') session.stop(error as Error)
  const stop = session.stopped ?? closedBy(parent)
  if (stop) return call.fail(stop)
  const retry = retryOf(spec, frame.attempt - roundFrom, error)
  if (!retry) {
    const stored = toStoredError(error)
    return commit(call, undefined, frame.row, {
      state: 'failed',
      result: null,
      error: stored,
      reason: null,
      changes: spec.failing?.(frame) ?? [],
      value: undefined,
    })
  }
  const waiting = retryRow(frame, error, retry.delay)
  call.entry.row = waiting
  session.outbox.after(retryChanges(frame, waiting), (committed) => {
    if (!committed.ok) return session.stop(stale(session.run.id))
    crashPoint('retry-recorded')
    const next = (): void =>
      attemptOnce(call, { ...waiting, state: 'running', waitingFor: null, error: null }, frame.attempt + 1, roundFrom)
    waitThen(parent, retry.delay, next, call.fail)
  })
}

function commit(call: Call, frame: Frame | undefined, base: Step, recording: Recording): void {
  const { parent, entry, spec } = call
  const { session } = parent
  const row: Step = {
    ...base,
    state: recording.state,
    waitingFor: null,
    seq: session.journal.nextSeq(),
    endedAt: session.clock.now(),
    result: recording.result,
    error: recording.error ?? null,
    reason: recording.reason,
  }
  if (frame) {
    frame.posted = true
    closeFrame(frame, 'ended')
  }
  const own: Change = { change: 'step.record', epoch: session.run.epoch, step: row }
  const above = parent.posted || parent.entry.step === 0 ? [] : [...ancestors(parent), ...selfOf(parent)]
  const changes = above.length + recording.changes.length === 0 ? own : [...above, own, ...recording.changes]
  const { state, seq, name, attempt, floor, tracked, waitingFor, startedAt, result, error, reason } = row
  const known: Known = { state, seq, name, attempt, floor, tracked, waitingFor, startedAt, result, error, reason }
  entry.row = known
  const waiters: (() => void)[] = (entry.waiters = [])
  crashPoint('outcome-made')
  session.outbox.after(changes, (committed) => {
    if (!committed.ok) return session.stop(stale(session.run.id))
    crashPoint('outcome-committed')
    entry.waiters = undefined
    for (const tell of waiters) tell()
    letGo(entry)
    spec.committed?.(row)
    remember(recording.value, session.run.id, entry.step)
    parent.replay.live(seq!, () => settleAs(known, recording.value, call.succeed, call.fail))
  })
}
