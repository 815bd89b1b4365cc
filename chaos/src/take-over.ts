import type { ChildProcess } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as wait } from 'node:timers/promises'
import { afterCrash } from '@sluice/engine'
import { openSqliteInProcess } from '@sluice/storage'

/**
 * Records the run of a home as crashed although its process lives: what a lease that ran out, or a lock that was lost,
 * amounts to. Gives whether there was a run to take.
 */
export async function declareDead(home: string): Promise<boolean> {
  const store = await openSqliteInProcess(join(home, 'sluice.db'))
  try {
    const [run] = await store.runs.active()
    if (!run) return false
    const [committed] = await store.commit([afterCrash(run, Date.now())])
    return committed?.ok === true
  } finally {
    await store.close()
  }
}

/**
 * Stops a process that writes to this home, but not in the middle of a write: there it would hold up all others. Gives
 * whether it is stopped.
 */
export async function stopBetweenWrites(home: string, child: ChildProcess): Promise<boolean> {
  const path = join(home, 'sluice.db')
  for (let tries = 0; tries < 100 && child.exitCode === null && child.kill('SIGSTOP'); tries++) {
    for (let looks = 0; looks < 1_000 && !isStopped(child.pid!); looks++) await wait(1)
    if (existsSync(path) && canWrite(path)) return true
    child.kill('SIGCONT')
    await wait(2)
  }
  child.kill('SIGCONT')
  return false
}

function canWrite(path: string): boolean {
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    database.exec('begin immediate; rollback')
    return true
  } catch {
    return false // the process that was stopped holds the lock, or has not made the schema yet
  } finally {
    database.close()
  }
}

/** The signal is on its way for a moment, and each thread stops by itself. A process that is gone counts as stopped. */
function isStopped(pid: number): boolean {
  const tasks = `/proc/${pid}/task`
  try {
    return readdirSync(tasks).every((task) => /\) [TZX]/.test(readFileSync(`${tasks}/${task}/stat`, 'utf8')))
  } catch {
    return true
  }
}
