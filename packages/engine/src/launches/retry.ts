import {
  type LimitClaim,
  type Run,
  type RunTarget,
  type Step,
  SluiceError,
  isTerminalRun,
  keysToMake,
  partitionsEach,
} from '@sluice/core'
import { type Adopt, type NewRun, newRun } from '../runs/launch.ts'
import type { Change } from '../store/changes.ts'
import type { Store } from '../store/ports.ts'
import { maybeFromParams } from './with-other-params.ts'

export interface RetryRequest {
  /** With the successes of the run before, or without. Default `failure`. */
  readonly from?: 'failure' | 'start'
  /** Steps that run again though they succeeded: numbers, names, or `name key`. Of assets, only these are made. */
  readonly steps?: readonly string[]
  /** Only this one step, by itself, with the arguments that it had. */
  readonly alone?: string
  /** Other params than it had, of a flow or a task, as the code takes them. What was called with the same arguments is taken over. */
  readonly given?: GivenParams
}

export interface GivenParams {
  /** Encoded; `null` for none. */
  readonly params: string | null
  readonly title: string | null
  readonly tags: Readonly<Record<string, string>>
  /** `null`: as they were. */
  readonly limits: readonly LimitClaim[] | null
}

/** So many steps can be left out of what is adopted, in one statement. */
const mostWithout = 10_000

/** A run that does another one again. */
export interface Retry {
  readonly run: Run
  readonly adopt: Adopt | null
}

/**
 * As it is written: the run stands in the queue with what it adopts.
 *
 * @param once of a retry that is made by itself: the word under which there is one.
 */
export const retryChanges = (
  { run, adopt }: Retry,
  once?: Extract<Change, { change: 'run.create' }>['once'],
): readonly Change[] => [
  { change: 'run.create', run, ...(once && { once }) },
  ...(adopt ? [{ ...adopt, change: 'run.adopt', run: run.id, epoch: run.epoch } as const] : []),
]

/**
 * A run like this one, which is over.
 *
 * @throws SluiceError RUN_ACTIVE; NOT_FOUND for a step that it does not have; CONFLICT for one that cannot run alone, or
 * more steps than can be left out; REQUEST_INVALID for other params of chosen steps.
 */
export async function planRetry(store: Store, before: Run, request: RetryRequest, now: number): Promise<Retry> {
  if (!isTerminalRun(before.state)) {
    throw new SluiceError('RUN_ACTIVE', `Run ${before.id} is ${before.state}.`, {
      hint: `sluice runs cancel ${before.id} stops it.`,
    })
  }
  const { from = 'failure', steps = [], alone, given } = request
  if (given && given.params !== before.params) return withParams(store, before, { ...request, from, given }, now)
  const again = (over: Pick<NewRun, 'target' | 'params' | 'retryOf'>): Run => newRun({ ...alike(before, now), ...over })
  if (alone !== undefined) {
    const [step] = await findSteps(store, before, [alone])
    return { run: again({ ...aloneTarget(before, step!), retryOf: null }), adopt: null }
  }
  const { target, params } = before
  if (steps.length === 0) return wholeAgain(before, from, now)
  const chosen = await findSteps(store, before, steps)
  const retryOf = before.id
  if (target.kind === 'assets')
    return { run: again({ target: assetsOf(target, chosen), params, retryOf }), adopt: null }
  const adopt = { from: before.id, without: chosen.map(({ step }) => step) }
  return { run: again({ target, params, retryOf }), adopt }
}

/** All of it again. */
export function wholeAgain(before: Run, from: 'failure' | 'start', now: number): Retry {
  const retryOf = from === 'failure' ? before.id : null
  return { run: newRun({ ...alike(before, now), retryOf }), adopt: retryOf === null ? null : { from: before.id } }
}

async function withParams(
  store: Store,
  before: Run,
  { from, steps, alone, given }: RetryRequest & Required<Pick<RetryRequest, 'from' | 'given'>>,
  now: number,
): Promise<Retry> {
  if (alone !== undefined || (steps && steps.length > 0))
    throw new SluiceError('REQUEST_INVALID', 'Other params are for the whole run, and not for chosen steps.', {
      hint: 'Leave the steps out.',
    })
  const { params, title, tags, limits } = given
  const like = alike(before, now)
  const terms = before.terms && { ...before.terms, limits: limits ?? before.terms.limits }
  const next = { ...like, params, title, terms, tags: { ...before.tags, ...tags } }
  if (from === 'start') return { run: newRun({ ...next, retryOf: null }), adopt: null }
  const without = await maybeFromParams(allSteps(store, before))
  if (without.length > mostWithout)
    throw new SluiceError('CONFLICT', `Run ${before.id} has ${without.length} steps that may come from its params.`, {
      hint: 'Run all of it again: from: start.',
    })
  return { run: newRun({ ...next, retryOf: before.id }), adopt: { from: before.id, without } }
}

function alike(before: Run, now: number): NewRun {
  const { target, params, title, tags, entry, job, terms, owners } = before
  return { target, params, title, tags, entry, job, terms, owners, cause: { by: 'retry', name: before.id }, now }
}

/** Only what was chosen, and only the partitions of it. */
function assetsOf(target: Extract<RunTarget, { kind: 'assets' }>, steps: readonly Step[]): RunTarget {
  const made = steps.filter(({ kind }) => kind === 'asset')
  const names = new Set(made.map(({ name }) => name))
  const assets = target.assets.filter((name) => names.has(name))
  const other = steps.find((one) => !assets.includes(one.name))
  if (other) {
    throw new SluiceError('CONFLICT', `"${other.name}" is no asset of its own that can be made again.`, {
      hint: 'Choose assets of the run; their checks run with them.',
    })
  }
  const selection = assets.map((name) => `key:"${name}"`).join(' or ')
  if (target.partitions === null) return { kind: 'assets', selection, assets, partitions: null }
  const keys = new Map<string, Set<string>>()
  for (const { name, key } of made) {
    // A step without a key made all of its keys, or is of an asset that has none.
    const own = key === null ? (keysToMake(target, name) ?? []) : [key]
    keys.set(name, (keys.get(name) ?? new Set()).union(new Set(own)))
  }
  return { kind: 'assets', selection, assets, ...partitionsEach(keys) }
}

function aloneTarget(before: Run, step: Step): { target: RunTarget; params: string | null } {
  const { kind, name, key, args, identity } = step
  if (kind === 'asset' && before.target.kind === 'assets') {
    const partitions = key === null ? keysToMake(before.target, name) : [key]
    return { target: { kind: 'assets', selection: `key:"${name}"`, assets: [name], partitions }, params: null }
  }
  if (kind === 'check' && 'assets' in before.target) {
    const asset = name.slice(0, name.lastIndexOf(':'))
    const partitions = key === null ? null : [key]
    return {
      target: { kind: 'checks', selection: asset, assets: [asset], checks: [name], partitions },
      params: null,
    }
  }
  if (kind === 'task' || kind === 'flow') {
    // Only short arguments are in the journal; a call without any has no hash in its identity.
    const hasArgs = identity.slice(name.length + 1).split(':')[0] !== ''
    if (args !== null || !hasArgs) return { target: { kind, name }, params: args }
    throw new SluiceError('CONFLICT', `The arguments of "${name}" are too long to be kept: it cannot run by itself.`, {
      hint: `sluice runs retry ${before.id} --step ${step.step} does it again inside its run.`,
    })
  }
  throw new SluiceError('CONFLICT', `"${name}" is known only inside its run: it cannot run by itself.`, {
    hint: `sluice runs retry ${before.id} --step ${step.step} does it again inside its run.`,
  })
}

/** In the order of their numbers. */
async function* allSteps(store: Store, run: Run): AsyncGenerator<Step> {
  for (let after = 0; ;) {
    const page = await store.steps.list(run.id, { after, limit: 5_000 })
    yield* page
    const last = page.at(-1)
    if (!last || page.length < 5_000) return
    after = last.step
  }
}

/** The steps of these numbers and names. A name means every step of that name. */
async function findSteps(store: Store, run: Run, wanted: readonly string[]): Promise<readonly Step[]> {
  const found = new Map<number, Step>()
  const missing = new Set(wanted)
  for await (const one of allSteps(store, run))
    for (const text of wanted) {
      if (text !== String(one.step) && text !== one.name && text !== `${one.name} ${one.key}`) continue
      missing.delete(text)
      found.set(one.step, one)
    }
  const [first] = missing
  if (first === undefined) return [...found.values()]
  throw new SluiceError('NOT_FOUND', `Run ${run.id} has no step "${first}".`, {
    hint: `sluice runs show ${run.id} --steps lists them: give a number, a name, or 'name key'.`,
  })
}
