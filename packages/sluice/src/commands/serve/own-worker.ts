import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { handOver } from '../../environment.ts'
import { environmentOf } from '../options.ts'

export interface OwnWorkerOptions {
  readonly slots: string
  readonly env?: string | undefined
  /** Uses code that is saved. */
  readonly reload: boolean
}

/** A worker that speaks with this process by a pipe, and ends with it. */
export function startWorker(file: string | undefined, { slots, env, reload }: OwnWorkerOptions): ChildProcess {
  const main = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../../main.ts' : './main.js', import.meta.url))
  const args = ['worker', ...(file === undefined ? [] : [file]), '--ipc', reload ? '--reload' : '--activate']
  return fork(main, [...args, '--slots', slots, '--env', environmentOf({ ...(env !== undefined && { env }) })], {
    env: handOver(),
    execArgv: [...process.execArgv],
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
}

export const stopWorker = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (!child.connected) return resolve()
    // After its last word, which may come later than its exit.
    child.once('disconnect', () => resolve())
    child.kill('SIGTERM')
    setTimeout(() => child.kill('SIGKILL'), 15_000).unref()
  })
