import { type Run, SluiceError, isResumable, isTerminalRun } from '@sluice/core'
import { findProject } from '../../project/project.ts'
import type { RunOptions } from '../options.ts'
import { runPlanned } from '../run.ts'
import type { Planned } from '../supervise/execute.ts'
import { locateAgain } from '../supervise/location.ts'
import { lookAt } from '../with-store.ts'

/** `sluice runs resume`: the same run goes on from its last committed step. */
export async function resumeRun(id: string, options: RunOptions): Promise<number> {
  const run = await lookAt(id, (_, found) => Promise.resolve(found))
  if (!isResumable(run.state)) throw notResumable(run)
  return again(run, options, () => Promise.resolve({ run, isNew: false }))
}

/** `sluice runs retry`: a new run that takes over the successes of a finished one. */
export async function retryRun(id: string, options: RunOptions): Promise<number> {
  const before = await lookAt(id, (_, found) => Promise.resolve(found))
  if (!isTerminalRun(before.state)) {
    throw new SluiceError('RUN_ACTIVE', `Run ${before.id} is ${before.state}.`, {
      hint: `sluice runs cancel ${before.id} stops it.`,
    })
  }
  return again(before, options, async () => {
    const { newRun } = await import('@sluice/engine')
    const { target, params, title, tags, entry } = before
    return {
      run: newRun({ target, params, title, tags, entry, retryOf: before.id, now: Date.now() }),
      isNew: true,
    }
  })
}

function again(run: Run, options: RunOptions, plan: () => Promise<Planned>): Promise<number> {
  const project = findProject(process.cwd())
  return runPlanned(locateAgain(project, run.entry), options, plan)
}

function notResumable({ id, state }: Run): SluiceError {
  const hints: Partial<Record<Run['state'], string>> = {
    failed: `sluice runs retry ${id} tries again in a new run; what succeeded is not done again.`,
    canceled: `sluice runs retry ${id} starts a new run; what succeeded is not done again.`,
    succeeded: `sluice runs show ${id} shows what came out.`,
  }
  return new SluiceError('RUN_NOT_RESUMABLE', `Run ${id} is ${state}: only a crashed run goes on.`, {
    hint: hints[state] ?? `sluice runs show ${id} shows what it does.`,
  })
}
