import { SluiceError } from '../errors/sluice-error.ts'
import type { Limit } from '../limits/limit.ts'
import type { OneOrMore } from '../schema.ts'
import { checkRetries } from '../steps/retry.ts'
import { type Duration, milliseconds } from '../time/duration.ts'
import { type Size, bytesOf } from '../values/size.ts'
import type { LimitClaim, RunRetries, RunTerms } from './run.ts'

/** How runs of it wait for a worker, and what they may use. They count where a server hands runs to workers. */
export interface TermOptions {
  /** Which group of workers runs it. Default `default`. */
  readonly pool?: string
  /** Higher is sooner. Default 0. */
  readonly priority?: number
  /** From its first start until it is stopped with `RUN_TIMEOUT`. Default: no end. */
  readonly maxDuration?: Duration
  /** Resident memory of all its processes together; above it is stopped with `MEMORY_LIMIT`. Default: no limit. */
  readonly memory?: Size
  /** How often its process may die before it is left `crashed`. Default 3. */
  readonly maxResumes?: number
  /**
   * How often a run that failed, or crashed for good, is followed by a new one that tries it again; a number is `max`,
   * without a delay. Never after a cancel. Default: none.
   */
  readonly runRetries?: number | RunRetries
  /**
   * Variables of its process, over those of the worker and the project's `.env`. Stored with the run as they are: no
   * place for secrets, which belong where the worker runs.
   */
  readonly env?: Readonly<Record<string, string>>
  /**
   * When it goes on and no worker has the code that it started with: go on with the active code, wait, or fail with
   * `CODE_CHANGED`. Default `'resume'`.
   */
  readonly onCodeChange?: RunTerms['onCodeChange']
  /** How long after its launch it starts at the earliest. Default: at once. */
  readonly delay?: Duration
  /** Who answers for its runs: `team:ingest` or an e-mail address. */
  readonly owners?: readonly string[]
}

/** Limits of which a run holds one slot each while it goes on; or which, by its params. */
export type RunLimits<P> = OneOrMore<Limit> | ((params: P) => OneOrMore<Limit>)

/** The same as plain data: what is left out is as for others. */
export interface TermsSnapshot {
  readonly pool?: string
  readonly priority?: number
  readonly limits?: readonly LimitClaim[]
  /** There are more limits, which depend on the params: the code is asked for them. */
  readonly limitsByParams?: true
  /** Milliseconds. */
  readonly maxDuration?: number
  /** Bytes. */
  readonly memory?: number
  readonly maxResumes?: number
  readonly runRetries?: RunRetries
  readonly env?: Readonly<Record<string, string>>
  readonly onCodeChange?: RunTerms['onCodeChange']
  /** Milliseconds. */
  readonly delay?: number
  readonly owners?: readonly string[]
}

type Terms = TermOptions & { readonly limit?: unknown }

/**
 * What a definition says of its runs.
 *
 * @param limited Its `limit` is one of runs, and not of steps.
 * @throws SluiceError DEFINITION_INVALID where an option cannot work.
 */
export function termsOf(options: Terms, limited: boolean): TermsSnapshot {
  const { pool, priority, maxDuration, memory, maxResumes, runRetries, env, onCodeChange, delay, owners } = options
  const limit = limited ? (options.limit as RunLimits<never> | undefined) : undefined
  return {
    ...(pool !== undefined && { pool }),
    ...(priority !== undefined && { priority }),
    ...(maxDuration !== undefined && { maxDuration: milliseconds(maxDuration) }),
    ...(memory !== undefined && { memory: bytesOf(memory) }),
    ...(maxResumes !== undefined && { maxResumes }),
    ...(runRetries !== undefined && {
      runRetries: typeof runRetries === 'number' ? { max: runRetries } : runRetries,
    }),
    ...(env !== undefined && { env }),
    ...(onCodeChange !== undefined && { onCodeChange }),
    ...(delay !== undefined && { delay: milliseconds(delay) }),
    ...(owners !== undefined && { owners }),
    ...(limit !== undefined &&
      (typeof limit === 'function' ? { limitsByParams: true as const } : { limits: claimsOf(limit) })),
  }
}

/** Refuses terms that cannot work when they are defined, not when a run is launched. */
export function checkTerms(whose: string, options: TermOptions): void {
  termsOf(options, false)
  const { pool, priority, maxResumes, runRetries, env = {} } = options
  if (pool === '' || (priority !== undefined && !Number.isInteger(priority)))
    throw new SluiceError(
      'DEFINITION_INVALID',
      `${whose}: ${pool === '' ? 'pool is empty' : 'priority is no whole number'}.`,
    )
  if (maxResumes !== undefined && !(Number.isInteger(maxResumes) && maxResumes >= 0))
    throw new SluiceError('DEFINITION_INVALID', `${whose}: maxResumes is no whole number from 0 on.`)
  if (runRetries !== undefined) checkRunRetries(whose, runRetries)
  const odd = Object.entries(env).find(([name, value]) => !/^[A-Za-z_]\w*$/.test(name) || typeof value !== 'string')
  if (odd)
    throw new SluiceError('DEFINITION_INVALID', `${whose}: env.${odd[0]} is not a text under the name of a variable.`)
}

function checkRunRetries(whose: string, retries: number | RunRetries): void {
  checkRetries(whose, retries, 'runRetries')
  const from = typeof retries === 'number' ? undefined : retries.from
  if (from !== undefined && from !== 'failure' && from !== 'start')
    throw new SluiceError('DEFINITION_INVALID', `${whose}: runRetries.from is neither 'failure' nor 'start'.`)
  // It is kept with the run, and decided without the code.
  if (typeof retries === 'object' && 'if' in retries)
    throw new SluiceError('DEFINITION_INVALID', `${whose}: runRetries takes no if.`, {
      hint: 'retries of a task or a flow do.',
    })
}

/** Limits as a run or a step claims them, each once. */
export function claimsOf(limits: OneOrMore<Limit>): readonly LimitClaim[] {
  const claims = [limits].flat().map(({ name, key = null, options }) => ({ name, key, options }))
  return [...new Map(claims.map((one) => [`${one.name}\n${one.key ?? ''}`, one])).values()]
}

/** What is nearer to the caller counts; limits and owners of both. */
export function mergeTerms(near: TermsSnapshot, far: TermsSnapshot): TermsSnapshot {
  const limits = [...(near.limits ?? []), ...(far.limits ?? [])]
  const owners = [...new Set([...(near.owners ?? []), ...(far.owners ?? [])])]
  const env = { ...far.env, ...near.env }
  return {
    ...far,
    ...near,
    ...(Object.keys(env).length > 0 && { env }),
    ...(limits.length > 0 && {
      limits: [
        ...new Map(limits.toReversed().map((one) => [`${one.name}\n${one.key ?? ''}`, one])).values(),
      ].toReversed(),
    }),
    ...(owners.length > 0 && { owners }),
    ...((near.limitsByParams ?? far.limitsByParams) && { limitsByParams: true as const }),
  }
}

const strictest = ['fail', 'wait', 'resume'] as const

/**
 * The terms of a run that makes several assets: it waits and may use what all of them need.
 *
 * @throws SluiceError CONFLICT where they want different pools, or another value in the same variable.
 */
export function termsTogether(all: readonly TermsSnapshot[]): TermsSnapshot {
  const [only] = all
  if (only && all.length === 1) return only
  const given = <K extends keyof TermsSnapshot>(name: K): NonNullable<TermsSnapshot[K]>[] =>
    all.flatMap((one) => (one[name] === undefined ? [] : [one[name] as NonNullable<TermsSnapshot[K]>]))
  const pools = [...new Set(given('pool'))]
  if (pools.length > 1)
    throw new SluiceError('CONFLICT', `These assets want different pools: ${pools.join(', ')}.`, {
      hint: 'Make them in runs of their own, or say which: a job with a pool, or --pool.',
    })
  // A bound that one of them does not have is none for all.
  const bound = (name: 'maxDuration' | 'memory'): object => {
    const values = given(name)
    return values.length > 0 && values.length === all.length ? { [name]: Math.max(...values) } : {}
  }
  const most = (name: 'priority' | 'maxResumes' | 'delay'): object => {
    const values = given(name)
    return values.length > 0 ? { [name]: Math.max(...values) } : {}
  }
  const env: Record<string, string> = {}
  for (const [name, value] of given('env').flatMap((one) => Object.entries(one))) {
    if (env[name] !== undefined && env[name] !== value)
      throw new SluiceError('CONFLICT', `These assets want different values in the variable ${name}.`, {
        hint: 'Make them in runs of their own.',
      })
    env[name] = value
  }
  const [runRetries] = given('runRetries').toSorted((a, b) => b.max - a.max)
  const policies = given('onCodeChange')
  const onCodeChange = strictest.find((one) => policies.includes(one))
  const owners = [...new Set(given('owners').flat())]
  return {
    ...(pools[0] !== undefined && { pool: pools[0] }),
    ...bound('maxDuration'),
    ...bound('memory'),
    ...most('priority'),
    ...most('maxResumes'),
    ...most('delay'),
    ...(runRetries && { runRetries }),
    ...(Object.keys(env).length > 0 && { env }),
    ...(onCodeChange && { onCodeChange }),
    ...(owners.length > 0 && { owners }),
  }
}
