import { type LimitClaim, type OnlyChecks, type Run, type RunCause, SluiceError } from '@sluice/core'
import { type LaunchRequest, jobPartition, launchTarget, planLaunch } from '@sluice/engine'
import type { Context } from '../context.ts'
import type { ActiveCode } from '../locations/locations.ts'
import { checkParams } from './check-params.ts'

export interface Launch {
  readonly target: string
  readonly location?: string
  readonly params?: unknown
  /** In the place of `params`: what code would call it with. */
  readonly args?: readonly unknown[]
  readonly texts?: Readonly<Record<string, string>>
  readonly partition?: string
  readonly onlyChecks?: OnlyChecks
  readonly stale?: boolean
  readonly tags?: Readonly<Record<string, string>>
  readonly pool?: string
  readonly priority?: number
  readonly startAt?: number
  readonly once?: string
  readonly cause: RunCause
}

/** How long the code may take to check params. */
const prepareWithin = 10_000

/** Puts a run into the queue; or finds the one that was launched with the same word. */
export async function launch(context: Context, asked: Launch): Promise<{ run: Run; isNew: boolean }> {
  const { store, states, now, locations } = context
  const scope = 'launch'
  if (asked.once !== undefined) {
    const before = await store.runs.once(scope, asked.once)
    if (before !== null) return { run: (await store.runs.get(before))!, isNew: false }
  }
  const code = await locations.of(asked.target, asked.location)
  const { location, snapshot } = code
  const { params, title, tags, limits } = await readyParams(context, code, asked)
  const { partition, onlyChecks, stale, pool, priority, startAt, cause } = asked
  const request: LaunchRequest = {
    target: asked.target,
    params,
    title,
    tags: { ...tags, ...asked.tags },
    cause,
    ...(limits && { limits }),
    ...(partition !== undefined && { partition }),
    ...(onlyChecks !== undefined && { onlyChecks }),
    ...(stale !== undefined && { stale }),
    ...(pool !== undefined && { pool }),
    ...(priority !== undefined && { priority }),
    ...(startAt !== undefined && { startAt }),
  }
  const run = await planLaunch({ store, states, location, snapshot, request, now: now() })
  const once = asked.once === undefined ? {} : { once: { scope, key: asked.once } }
  await store.commit([{ change: 'run.create', run, ...once }])
  const id = asked.once === undefined ? run.id : await store.runs.once(scope, asked.once)
  const stored = await store.runs.get(id ?? run.id)
  if (!stored) throw new SluiceError('INTERNAL', `Run ${run.id} was not stored.`)
  return { run: stored, isNew: stored.id === run.id }
}

interface Ready {
  readonly params: string | null
  readonly title: string | null
  readonly tags: Readonly<Record<string, string>>
  /** `null`: nobody could be asked. */
  readonly limits: readonly LimitClaim[] | null
}

/** The params as the code's own schema takes them. Without a worker that has the code they are checked as far as its snapshot goes. */
export async function readyParams(
  context: Context,
  code: ActiveCode,
  asked: Pick<Launch, 'target' | 'params' | 'args' | 'texts' | 'partition'>,
): Promise<Ready> {
  const { connections, store, now } = context
  const { location, version, snapshot } = code
  const { texts = {} } = asked
  const chosen = launchTarget(snapshot, asked.target)
  const params = paramsOf(asked, chosen.kind)
  const isGiven = params !== undefined || Object.keys(texts).length > 0
  if ('selection' in chosen) {
    if (!isGiven) return { params: null, title: null, tags: {}, limits: null }
    throw new SluiceError('PARAMS_UNKNOWN', 'Assets take no params.', {
      hint: 'Set them in sluice.config.ts: with: [asset.with({ … })].',
    })
  }
  const partition = await jobPartition(store, chosen, asked.partition, now())
  if (!connections.has(location, version)) {
    if (partition !== null)
      throw new SluiceError(
        'WORKER_UNKNOWN',
        `No worker has the code of "${location}", which says what the params of a slice are.`,
        {
          hint: 'Launch it again when a worker is connected.',
        },
      )
    if (Object.keys(texts).length > 0)
      throw new SluiceError('WORKER_UNKNOWN', `No worker has the code of "${location}", which says what texts mean.`, {
        hint: 'Give params as JSON, or start a worker that has it.',
      })
    const { kind, name, job } = chosen
    const definition = snapshot[kind === 'flow' ? 'flows' : 'tasks'].find((one) => one.name === name)
    return { params: checkParams({ kind, name, job, definition }, params), title: null, tags: {}, limits: null }
  }
  const { kind, name, job } = chosen
  const slice = partition === null ? {} : { partition }
  const request = { request: 'prepare', kind, name, job: job?.name ?? null, params, texts, ...slice } as const
  try {
    const answer = (await connections.ask(location, version, request, prepareWithin)) as {
      params: string | null
      title: string | null
      tags: readonly string[]
      limits: readonly LimitClaim[]
    }
    return { ...answer, tags: Object.fromEntries(answer.tags.map((tag) => [tag, ''])) }
  } catch (error) {
    // It went away while it was asked: another may know, and where there is none nobody has to.
    if ((error as { code?: string }).code === 'WORKER_UNKNOWN') return readyParams(context, code, asked)
    throw error
  }
}

/** Params as the definition takes them: the list of a task, the object of anything else. */
function paramsOf({ target, params, args }: Pick<Launch, 'target' | 'params' | 'args'>, kind: string): unknown {
  if (args === undefined) return params
  if (params !== undefined) throw new SluiceError('REQUEST_INVALID', 'A launch has params or args, not both.')
  if (kind === 'task') return args
  if (args.length <= 1) return args[0]
  throw new SluiceError('PARAMS_INVALID', `"${target}" takes its params alone, not ${args.length} arguments.`)
}
