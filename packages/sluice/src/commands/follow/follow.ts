import { type Run, SluiceError, isTerminalRun, toStoredError } from '@sluice/core'
import type { RunAnswer } from '@sluice/worker'
import type { RunView } from '../../terminal/view.ts'
import type { System } from '../../system/system.ts'
import { exitCodes } from '../exit-codes.ts'
import { exitCodeFor } from '../supervise/execute.ts'
import { onInterrupt } from '../supervise/interrupts.ts'
import { openSeen } from './seen.ts'

/** Between two questions: the shorter where something happens, the longer where nothing does. */
const PACE = { least: 50, most: 500 }
/** A server that is started again is waited for. */
const PATIENCE = 60_000
/** What a run printed comes by a way of its own, and the last of it after the run has ended. */
const QUIET = 3

export interface Followed {
  readonly run: Run
  /** False: it goes on. */
  readonly isNew: boolean
}

/**
 * Shows a run that a worker executes until it ends, and gives the exit code that executing it here would have. Ctrl-C
 * asks it to stop; a second one leaves it.
 */
export async function follow(system: System, { run, isNew }: Followed, view: RunView): Promise<number> {
  await view.started(run, { isNew, steps: system.steps })
  const seen = openSeen(system, run.id)
  const left = new AbortController()
  const stopListening = onInterrupt({
    first() {
      view.canceling()
      void patiently(() => system.cancel(run), left.signal).catch(() => {})
    },
    second: () => left.abort(),
  })
  try {
    const now = await patiently(
      () => untilEnd(system, run.id, view, seen, left.signal),
      left.signal,
      (text) => view.note('warn', text),
    )
    if (!now) {
      view.note('info', `Run ${run.id} goes on without anybody who watches it.`)
      return exitCodes.canceled
    }
    const answer = answerOf(now)
    await view.ended(now, answer)
    return exitCodeFor(now, answer)
  } finally {
    stopListening()
  }
}

type Seen = ReturnType<typeof openSeen>

/** `null`: it was left. */
async function untilEnd(
  system: System,
  id: string,
  view: RunView,
  seen: Seen,
  signal: AbortSignal,
): Promise<Run | null> {
  let [waited, quiet, pace] = [0, 0, PACE.least]
  for (;;) {
    if (signal.aborted) return null
    // Looked at before what it did: nothing that it did until its end is missed.
    const run = await system.runs.get(id)
    if (!run) throw new SluiceError('RUN_UNKNOWN', `Run ${id} is there no more.`)
    const { changes, lines } = await seen.next()
    if (changes.length > 0) view.committed(changes)
    for (const line of lines) {
      const { level, message } = line
      if (level === 'stdout' || level === 'stderr') view.output(`${message}\n`, level)
      else view.logged(line)
    }
    if (isTerminalRun(run.state)) {
      quiet = changes.length + lines.length === 0 ? quiet + 1 : 0
      if (quiet >= QUIET) return run
    }
    // One that starts at once needs no word.
    waited = run.state === 'waiting' ? waited + 1 : 0
    if (waited > 4) await seen.waiting(run, (text) => view.note('info', text))
    pace = changes.length + lines.length > 0 ? PACE.least : Math.min(PACE.most, pace * 1.5)
    await pause(isTerminalRun(run.state) ? 2 * PACE.least : pace, signal)
  }
}

/** Asks again where no server answers, for a while. */
export async function patiently<T>(
  ask: () => Promise<T>,
  signal: AbortSignal,
  say: (text: string) => void = () => {},
): Promise<T> {
  let isTold = false
  for (let since: number | undefined; ;) {
    const before = performance.now()
    try {
      return await ask()
    } catch (error) {
      if ((error as { code?: string }).code !== 'SERVER_UNREACHABLE') throw error
      // It answered in between where the question went on for a while.
      if (since === undefined || performance.now() - before > 2 * PACE.most) since = performance.now()
      if (signal.aborted || performance.now() - since > PATIENCE) throw error
      if (!isTold) say('The server does not answer; asking again for a minute.')
      isTold = true
      await pause(PACE.most, signal)
    }
  }
}

/** How it ended, as the process that executes a run says it. */
function answerOf({ id, state, result, error }: Run): RunAnswer {
  if (state === 'succeeded') return { state, result }
  const why = error ?? toStoredError(new SluiceError('RUN_CANCELED', `Run ${id} was canceled.`))
  return { state: state === 'failed' || state === 'canceled' ? state : 'stopped', error: why }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
