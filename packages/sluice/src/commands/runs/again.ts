import { type Json, type Run, SluiceError, isResumable, partitionTag } from '@sluice/core'
import type { GivenParams, RetryRequest } from '@sluice/engine'
import { findProject } from '../../project/project.ts'
import type { ServerOf } from '../../system/system.ts'
import { lookAt } from '../../system/system.ts'
import { type LaunchOptions, followed } from '../launch.ts'
import { type RunOptions, readParams } from '../options.ts'
import { runPlanned } from '../run.ts'
import { locate, locateAgain, looksLikeFile } from '../supervise/location.ts'
import type { Session } from '../supervise/session.ts'

export type AgainOptions = RunOptions & Pick<LaunchOptions, 'detach' | 'server'>

export interface RetryOptions extends AgainOptions {
  readonly from?: string
  readonly step?: readonly string[]
  readonly params?: string
}

interface Again extends Omit<RetryRequest, 'given'> {
  /** Other ones than it had. */
  readonly params?: unknown
}

/** `sluice runs resume`: the same run goes on from its last committed step. */
export async function resumeRun(id: string, options: AgainOptions): Promise<number> {
  const { run, server } = await find(id, options)
  if (!isResumable(run.state)) throw notResumable(run)
  if (server) return followed(server, (await server.client.runs.resume({ run: run.id })).run, false, options)
  if (run.terms)
    throw new SluiceError('RUN_NOT_RESUMABLE', `Run ${run.id} goes on by a worker, and no server runs here.`, {
      hint: `sluice dev starts both; then sluice runs resume ${run.id}`,
    })
  return runPlanned(locateAgain(findProject(process.cwd()), run.entry), options, () =>
    Promise.resolve({ run, isNew: false }),
  )
}

/** `sluice runs retry` */
export async function retryCommand(id: string, { from, step, ...options }: RetryOptions): Promise<number> {
  if (from !== undefined && from !== 'failure' && from !== 'start')
    throw new SluiceError('USAGE', `--from takes failure or start, not ${from}.`, {
      hint: `sluice runs retry ${id} --from start does all of it again.`,
    })
  if (from === 'start' && step)
    throw new SluiceError('USAGE', '--step chooses what is done again, and --from start does all of it again.', {
      hint: 'Leave one of them out.',
    })
  const { params } = readParams(options)
  return retryRun(id, options, {
    ...(from && { from }),
    ...(step && { steps: step }),
    ...(params !== undefined && { params }),
  })
}

/** A new run of the same: where the run was executed, on a server or here. */
export async function retryRun(id: string, options: AgainOptions, request: Again, file?: string): Promise<number> {
  const { run: before, server } = await find(id, options, file)
  if (server) {
    const { steps, params, ...rest } = request
    const body = {
      ...rest,
      ...(steps && { steps: [...steps] }),
      ...(params !== undefined && { params: params as Json }),
    }
    const { run } = await server.client.runs.retry({ run: before.id, body })
    return followed(server, run, true, options)
  }
  const location = file === undefined ? locateAgain(findProject(process.cwd()), before.entry) : locate(file)
  return runPlanned(location, options, async (session) => {
    const { planRetry } = await import('@sluice/engine')
    const { params, ...rest } = request
    const given = params === undefined ? {} : { given: await paramsAgain(session, before, params) }
    const { run, adopt } = await planRetry(session.store, before, { ...rest, ...given }, Date.now())
    // It is executed here, whoever executed the one before.
    return { run: { ...run, terms: null, entry: location.entry }, isNew: true, adopt }
  })
}

/** Other params for what a run ran, as the code takes them. */
async function paramsAgain(session: Session, { target, job, tags: its }: Run, params: unknown): Promise<GivenParams> {
  if ('assets' in target) throw new SluiceError('PARAMS_UNKNOWN', 'Assets take no params.')
  const partition = its[partitionTag]
  const { tags, ...given } = await session.prepare({
    ...target,
    job,
    params,
    texts: {},
    ...(partition !== undefined && { partition }),
  })
  return { ...given, tags: Object.fromEntries(tags.map((tag) => [tag, ''])) }
}

/** The run, and the server whose workers it belongs to; a process that executed it by itself does so again. */
async function find(
  id: string,
  options: AgainOptions,
  file?: string,
): Promise<{ readonly run: Run; readonly server: ServerOf | null }> {
  if (file !== undefined && !looksLikeFile(file))
    throw new SluiceError('USAGE', `A step is run alone by its name and its run: ${file} is too much.`, {
      hint: 'sluice run --step STEP --from RUN',
    })
  const found = await lookAt(id, options, ({ server }, run) => Promise.resolve({ run, server }))
  const isHere = file !== undefined || (!found.run.terms && !found.server?.isNamed)
  const server = isHere ? null : found.server
  if (options.detach && !server)
    throw new SluiceError('USAGE', `Run ${found.run.id} is executed by this process: --detach is for a server's.`, {
      hint: 'Leave --detach out.',
    })
  if (server && (options.env ?? options.inspect) !== undefined)
    throw new SluiceError('USAGE', `Run ${found.run.id} is executed by a worker: --env and --inspect are of here.`, {
      hint: 'Leave them out.',
    })
  return { run: found.run, server }
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
