import type { RunOutcome } from '@sluice/api/workers'
import { type Run, SluiceError, humanDuration, toStoredError } from '@sluice/core'
import { openResender } from '@sluice/engine/store'
import type { RunAnswer } from '../messages.ts'
import type { Child } from '../supervisor.ts'
import { type Code, listenersOf } from './code.ts'
import { type OutputLine, openLines } from './lines.ts'
import { groupMemory } from '../group-memory.ts'

export interface RunProcessOptions {
  readonly code: Code
  readonly run: Run
  readonly fresh: boolean
  /** Milliseconds since its first start. */
  readonly elapsed: number
  /** To the server; kept and sent again where there is no connection. */
  readonly sendFrame: (frame: unknown) => void
  readonly sendLines: (lines: readonly OutputLine[]) => void
  readonly done: (outcome: RunOutcome) => void
}

/** A run in its process. */
export interface RunProcess {
  readonly run: Run
  /** From the store to the process. */
  receive(frame: unknown): void
  /** What the process has asked of the store and got no answer to. */
  unanswered(): unknown
  cancel(): void
  /** Lets it go on for `grace` ms; what is not over then is killed, and goes on elsewhere from its last committed step. */
  giveBack(grace: number): Promise<void>
  /** Kills it and says nothing. */
  drop(): void
  /** Reads what it prints no more, so that it waits with more, or again. */
  pause(paused: boolean): void
}

/** How long a process may take to stop once its run is canceled; then it is killed, with everything it started. */
const grace = 12_000
const memoryEvery = 1_000

/** Executes one run in a process of its own, within its time and memory. */
export function startRun({ code, run, fresh, elapsed, sendFrame, sendLines, done }: RunProcessOptions): RunProcess {
  const child = code.take(run.terms?.env)
  const { source } = code
  const resender = openResender()
  const lines = openLines({ send: sendLines, now: () => Date.now() })
  const listeners = listenersOf(child)
  let dropped = false
  let failure: SluiceError | null = null
  let isGivenBack = false

  listeners.onOutput = (text, stream) => lines.add(text, stream)
  listeners.onStoreFrame = (frame) => {
    resender.sent(frame)
    sendFrame(frame)
  }
  const stopWith = (error: SluiceError): void => {
    failure ??= error
    void child.kill()
  }
  const stopWatching = watch(run, elapsed, child, stopWith)

  const finish = (outcome: RunOutcome): void => {
    stopWatching()
    lines.end()
    listeners.onOutput = undefined
    listeners.onStoreFrame = undefined
    if (!dropped) done(outcome)
  }

  const ended = async (): Promise<void> => {
    try {
      const answer = (await child.ask({
        request: 'run',
        run,
        fresh,
        environment: source.environment,
        config: source.config,
        values: source.values,
        marks: true,
      })) as RunAnswer
      if (answer.state === 'stopped') {
        void child.kill()
        if (answer.error.code === 'TARGET_UNKNOWN') finish({ how: 'failed', error: answer.error })
        else finish(isGivenBack ? { how: 'given-back' } : died(null, null))
      } else {
        finish({ how: 'ended', state: answer.state })
        if (answer.state === 'succeeded' && !dropped) code.keep(child)
        else void child.stop(1000)
      }
    } catch (error) {
      const exit = (error as { code?: string }).code === 'CHILD_EXITED' ? await child.exited : null
      void child.kill()
      if (failure) finish({ how: 'failed', error: { ...toStoredError(failure), stack: '' } })
      else if (isGivenBack) finish({ how: 'given-back' })
      else if (exit) finish(died(exit.code, exit.signal))
      else finish({ how: 'failed', error: toStoredError(error) })
    }
  }
  const over = ended()

  return {
    run,
    receive(frame) {
      resender.answered(frame)
      child.storeFrame(frame)
    },
    unanswered: () => resender.pending(),
    cancel() {
      child.cancel()
      // What it started hears of it as well; what does not end within the time is killed.
      void child.stop(grace)
    },
    async giveBack(ms) {
      isGivenBack = true
      const late = setTimeout(() => void child.kill(), ms)
      await over.finally(() => clearTimeout(late))
    },
    drop() {
      dropped = true
      void child.kill()
    },
    pause: (paused) => child.pause(paused),
  }
}

const died = (exitCode: number | null, signal: string | null): RunOutcome => ({ how: 'died', exitCode, signal })

/** Its time and its memory. Gives back what ends the watch. */
function watch({ id, terms }: Run, elapsed: number, child: Child, stopWith: (error: SluiceError) => void): () => void {
  const { maxDuration = null, memory = null } = terms ?? {}
  let timer: NodeJS.Timeout | undefined
  if (maxDuration !== null) {
    // From the run's first start: resuming gives no new time.
    const left = Math.max(0, maxDuration - Math.max(0, elapsed))
    timer = setTimeout(
      () =>
        stopWith(
          new SluiceError('RUN_TIMEOUT', `Run ${id} went on for longer than ${humanDuration(maxDuration)}.`, {
            hint: 'Raise maxDuration of its job, or look for what it waits for.',
          }),
        ),
      left,
    )
  }
  let looking: NodeJS.Timeout | undefined
  if (memory !== null) {
    looking = setInterval(() => {
      void groupMemory(child.pid).then((bytes) => {
        if (bytes === null || bytes <= memory) return
        const [used, most] = [bytes, memory].map((one) => `${Math.round(one / 1024 / 1024)} MB`)
        stopWith(
          new SluiceError('MEMORY_LIMIT', `Run ${id} used ${used} of memory; it may use ${most}.`, {
            hint: 'Raise memory of its job, or read and write in smaller pieces.',
          }),
        )
      })
    }, memoryEvery)
  }
  return () => {
    clearTimeout(timer)
    clearInterval(looking)
  }
}
