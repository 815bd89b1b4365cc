import { availableParallelism } from 'node:os'
import { SluiceError, type LineLevel } from '@sluice/core'
import type { Told } from './messages.ts'
import { type Child, type ChildOptions, startChild } from './supervisor.ts'

export interface IsolatedCall {
  /** The name of the task, and where it was defined (its `place()`), which tells two of one name apart. */
  readonly task: string
  readonly place: string | undefined
  /** The arguments, as `encode` wrote them. */
  readonly args: string
  /** Milliseconds from when the process starts on it; then it is killed and the call rejects with STEP_TIMEOUT. */
  readonly timeout?: number
  /** Aborted: the process is killed and the call rejects with the reason. */
  readonly signal?: AbortSignal
  readonly log?: (level: LineLevel, message: string, data: string | null) => void
}

export interface IsolatedSteps {
  /**
   * Runs one attempt in a process that has the same code loaded, waiting for a free one. Resolves with the encoded
   * result; rejects with what the task threw, CHILD_EXITED, STEP_TIMEOUT or the signal's reason.
   */
  run(call: IsolatedCall): Promise<string>
  /** Kills every process; calls that still run reject. */
  close(): Promise<void>
}

interface Options extends Pick<
  ChildOptions,
  'entries' | 'root' | 'home' | 'cwd' | 'env' | 'execArgv' | 'onOutput' | 'loadTimeout'
> {
  /** How many processes at most. Default: as many as there are cores. */
  readonly size?: number
}

/** A process of the pool. */
interface Spare {
  readonly child: Child
  log: IsolatedCall['log']
  gone: boolean
}

/** Processes for steps that block their event loop: started when needed, kept for the next step, killed with it. */
export function isolatedSteps({ size = availableParallelism(), ...options }: Options): IsolatedSteps {
  const idle: Spare[] = []
  const all = new Set<Spare>()
  const turns = turnsOf(size)

  function start(): Spare {
    const onMessage = (told: Told): void => {
      if (told.message === 'log') spare.log?.(told.line.level, told.line.message, told.line.data)
    }
    const spare: Spare = { child: startChild({ ...options, onMessage }), log: undefined, gone: false }
    all.add(spare)
    void spare.child.exited.then(() => {
      spare.gone = true
      all.delete(spare)
    })
    return spare
  }

  function take(): Spare {
    for (let spare = idle.pop(); spare; spare = idle.pop()) if (!spare.gone) return spare
    return start()
  }

  return {
    async run(call) {
      await turns.take(call.signal)
      const spare = take()
      spare.log = call.log
      spare.child.ref()
      try {
        return await perform(spare, call)
      } finally {
        spare.log = undefined
        if (!spare.gone) {
          spare.child.unref()
          idle.push(spare)
        }
        turns.give()
      }
    },
    async close() {
      // An idle one lets this process end: before its own end is heard, unless it counts again.
      for (const { child } of all) child.ref()
      await Promise.all([...all].map(({ child }) => child.kill()))
    },
  }
}

/** One call in one process. A process that was stopped in the middle is of no further use, so it is killed. */
async function perform(spare: Spare, { task, place, args, timeout, signal }: IsolatedCall): Promise<string> {
  let reason: { readonly why: unknown } | undefined
  const stop = (why: unknown): void => {
    reason ??= { why }
    spare.gone = true
    void spare.child.kill()
  }
  const abort = (): void => stop(signal?.reason)
  signal?.addEventListener('abort', abort, { once: true })
  if (signal?.aborted) abort()
  let timer: NodeJS.Timeout | undefined
  try {
    await spare.child.loaded
    if (timeout !== undefined) timer = setTimeout(() => stop(timedOut(task, timeout)), timeout)
    return (await spare.child.ask({ request: 'step', task, place, args })) as string
  } catch (error) {
    // It rejects when the process is dead, so nothing of this attempt overlaps with the next.
    throw reason ? reason.why : error
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }
}

function timedOut(task: string, timeout: number): SluiceError {
  return new SluiceError('STEP_TIMEOUT', `"${task}" took longer than ${timeout} ms; its process was killed.`, {
    retryable: true,
  })
}

interface Turns {
  /** Waits for a turn. Rejects with the signal's reason. */
  take(signal: AbortSignal | undefined): Promise<void>
  /** Gives it to who waits longest, or back. */
  give(): void
}

function turnsOf(size: number): Turns {
  const queue: (() => void)[] = []
  let free = size
  return {
    async take(signal) {
      signal?.throwIfAborted()
      if (free > 0) return void (free -= 1)
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const leave = (): void => {
        const index = queue.indexOf(resolve)
        if (index < 0) return
        queue.splice(index, 1)
        reject(signal?.reason)
      }
      queue.push(resolve)
      signal?.addEventListener('abort', leave, { once: true })
      await promise.finally(() => signal?.removeEventListener('abort', leave))
    },
    give() {
      const next = queue.shift()
      if (next) next()
      else free += 1
    },
  }
}
