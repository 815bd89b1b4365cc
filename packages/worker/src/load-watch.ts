import type { ChildProcess } from 'node:child_process'
import { SluiceError } from '@sluice/core'
import { shownPath } from './host/shown-path.ts'
import type { ChildOptions } from './supervisor.ts'
import { whereStuck } from './where-stuck.ts'

const SLOW_AFTER = 5000

interface Watched {
  readonly child: ChildProcess
  readonly options: ChildOptions
  readonly loaded: Promise<unknown>
  readonly giveUp: (error: SluiceError) => void
}

/** Gives loading up after its time limit, saying where the code is. A debugger may take its time. */
export function watchLoading({ child, options, loaded, giveUp }: Watched): void {
  if (options.inspect) return
  const limit = options.loadTimeout ?? 60_000
  const stuck = async (): Promise<void> => giveUp(timeoutError(options, limit, await whereStuck(child)))
  const slow = setTimeout(() => options.onSlowLoad?.(SLOW_AFTER), SLOW_AFTER)
  const late = setTimeout(() => void stuck(), limit)
  const done = (): void => {
    clearTimeout(slow)
    clearTimeout(late)
  }
  loaded.then(done, done)
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
