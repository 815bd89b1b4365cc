import type { ChildProcess } from 'node:child_process'
import { SluiceError } from '@sluice/core'
import { groupMemory } from './group-memory.ts'
import { shownPath } from './host/shown-path.ts'
import { processorTime } from './processor-time.ts'
import type { ChildOptions } from './supervisor.ts'
import { whereStuck } from './where-stuck.ts'

const SLOW_AFTER = 5000
/** Bytes: definitions are small, and what is larger is work that belongs into a run. */
const MEMORY = 2 * 1024 ** 3
const LOOK_EVERY = 250
/**
 * Milliseconds: what computes for longer spins. Time on the processor, so that a busy machine is not taken for that;
 * what waits may wait for longer.
 */
const COMPUTING = 9_000

interface Watched {
  readonly child: ChildProcess
  readonly options: ChildOptions
  readonly loaded: Promise<unknown>
  readonly giveUp: (error: SluiceError) => void
}

/** Gives loading up over its time limit, saying where the code is, or over its memory. A debugger may take its time. */
export function watchLoading({ child, options, loaded, giveUp }: Watched): void {
  if (options.inspect) return
  const limit = options.loadTimeout ?? 60_000
  const stuck = async (after: number): Promise<void> => giveUp(timeoutError(options, after, await whereStuck(child)))
  const most = options.loadTimeout ?? COMPUTING
  const slow = setTimeout(() => options.onSlowLoad?.(SLOW_AFTER), SLOW_AFTER)
  const late = setTimeout(() => void stuck(limit), limit)
  const looking = setInterval(() => {
    void processorTime(child.pid ?? 0).then((computed) => {
      if (computed === null || computed < most) return
      clearInterval(looking)
      void stuck(most)
    })
    void groupMemory(child.pid ?? 0).then((bytes) => {
      if (bytes !== null && bytes > MEMORY) giveUp(memoryError(options, bytes))
    })
  }, LOOK_EVERY)
  const done = (): void => {
    clearInterval(looking)
    clearTimeout(slow)
    clearTimeout(late)
  }
  loaded.then(done, done)
}

function memoryError({ entries }: ChildOptions, bytes: number): SluiceError {
  const names = entries.map((entry) => shownPath(entry)).join(', ')
  return new SluiceError('MEMORY_LIMIT', `${names} took ${Math.round(bytes / 1024 / 1024)} MB while it was loaded.`, {
    hint: 'Only define things at the top of a file: work belongs into a task, an asset or `if (import.meta.main) { … }`.',
  })
}

function timeoutError({ entries }: ChildOptions, limit: number, place: string | undefined): SluiceError {
  const names = entries.map((entry) => shownPath(entry)).join(', ')
  return new SluiceError('LOAD_TIMEOUT', `${names} did not finish loading within ${limit / 1000} s.`, {
    hint:
      place === undefined
        ? 'It waits for something that does not come: is there an `await` at the top of a file?'
        : 'Only define things at the top of a file: work belongs into a task, an asset or `if (import.meta.main) { … }`.',
    data: { loadTimeout: limit, ...(place !== undefined && { place }) },
  })
}
