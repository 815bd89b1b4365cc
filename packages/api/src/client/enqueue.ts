import {
  type AnyAsset,
  type Json,
  type Launched,
  type StoredValue,
  SluiceError,
  decode,
  isTerminalRun,
} from '@sluice/core'
import type { BodyIn } from '../route.ts'
import type { Routes } from '../routes.ts'
import type { Client } from './client.ts'

type Launch = BodyIn<Routes['runs']['launch']>

/** How a run is to be launched: see `POST /api/runs`. */
export type EnqueueOptions = Pick<Launch, 'once' | 'tags' | 'pool' | 'priority' | 'startAt' | 'partition' | 'location'>

/** A run that was put into the queue. */
export interface Enqueued<T> {
  readonly id: string
  /** `false`: a run that was launched earlier with the same `once`. */
  readonly isNew: boolean
  /**
   * What it returned, once it has ended.
   *
   * @throws SluiceError RUN_FAILED, RUN_CANCELED; RESULT_ELSEWHERE for a result that is too long to come with the run;
   *   the reason of the signal.
   */
  result(options?: { readonly signal?: AbortSignal }): Promise<T>
}

/** A definition by its name and its type alone: its code is not loaded here. */
export interface Reference<Args extends readonly unknown[], T> {
  /**
   * Puts a run into the queue, with the arguments that the definition takes. They travel as JSON.
   *
   * @throws SluiceError PARAMS_INVALID where they do not fit, or JSON has no word for them; TARGET_UNKNOWN.
   */
  enqueue(...args: Args): Promise<Enqueued<T>>
  /** The same with other options; those given replace the ones before. */
  with(options: EnqueueOptions): Reference<Args, T>
}

/** What a definition takes and gives: of a flow, a job, a task; an asset takes nothing. */
export type ReferenceTo<D> = D extends { launch(...args: infer A): Promise<Launched<infer T>> }
  ? Reference<A, T>
  : D extends AnyAsset
    ? Reference<[], unknown>
    : D extends (...args: infer A) => Promise<infer T>
      ? Reference<A, T>
      : never

/** How often the run is looked at where no event says anything. */
const pace = 2_000

export function referenceTo(
  client: Pick<Client, 'runs' | 'events'>,
  target: string,
  options: EnqueueOptions = {},
): Reference<readonly unknown[], unknown> {
  return {
    with: (more) => referenceTo(client, target, { ...options, ...more }),
    async enqueue(...args) {
      const given = args.length > 0 ? { args: args.map((one, nth) => asJson(one, `argument ${nth + 1}`)) } : {}
      const { run, isNew } = await client.runs.launch({ body: { ...options, ...given, target } })
      return { id: run.id, isNew, result: async ({ signal } = {}) => await resultOf(client, run.id, signal) }
    },
  }
}

async function resultOf(client: Pick<Client, 'runs' | 'events'>, run: string, signal?: AbortSignal): Promise<unknown> {
  const gone = new AbortController()
  const both = signal ? AbortSignal.any([signal, gone.signal]) : gone.signal
  // Events are only a hint to look again: what the run says of itself is the truth.
  const events = client.events.follow({ run, signal: both })
  let heard = events.next()
  try {
    for (;;) {
      signal?.throwIfAborted()
      const { state, name, result, error } = (await client.runs.get({ run }, { signal: both })).run
      if (isTerminalRun(state)) {
        if (state === 'succeeded') return valueOf(run, result)
        const code = state === 'canceled' ? 'RUN_CANCELED' : 'RUN_FAILED'
        const why = error ? `: ${error.message}` : '.'
        throw new SluiceError(code, `Run ${run} of "${name}" ${state === 'canceled' ? 'was canceled' : state}${why}`, {
          hint: `sluice runs show ${run}`,
          ...(error && { data: { code: error.code, message: error.message } }),
        })
      }
      const said = await Promise.race([heard.then(() => true), wait(pace, both)])
      if (said) heard = events.next()
    }
  } finally {
    gone.abort()
    heard.catch(() => {})
  }
}

function valueOf(run: string, result: StoredValue | null): unknown {
  if (result === null) return undefined
  if ('inline' in result) return decode(result.inline)
  throw new SluiceError('RESULT_ELSEWHERE', `The result of run ${run} is too long to come with the run.`, {
    hint: 'Return what says where the data is, or make it an asset.',
  })
}

const wait = (ms: number, signal: AbortSignal): Promise<false> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve(false)
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
  })

/** @throws SluiceError PARAMS_INVALID for what would arrive as something else. */
function asJson(value: unknown, where: string): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value))
    return value as Json
  if (Array.isArray(value)) return value.map((one, nth) => asJson(one, `${where}[${nth}]`))
  if (typeof value === 'object' && isPlain(value)) {
    const given = Object.entries(value).filter(([, its]) => its !== undefined)
    return Object.fromEntries(given.map(([name, its]) => [name, asJson(its, `${where}.${name}`)]))
  }
  const what = typeof value === 'object' ? value.constructor.name : typeof value
  throw new SluiceError('PARAMS_INVALID', `JSON has no word for the ${what} in ${where}.`, {
    hint: 'Give it as text or as a number, and let the schema of the definition make it what it is.',
  })
}

const isPlain = (value: object): boolean => [Object.prototype, null].includes(Object.getPrototypeOf(value) as null)
