import { type Duration, type Flow, type Retries, type TaskOptions, flow, task } from '@sluice/core'
import { z } from 'zod'

/** A flow of Prefect's, as data. Only what a program in TypeScript can say. */
export interface FlowCase {
  readonly body: readonly Statement[]
  readonly params?: Readonly<Record<string, string>>
  readonly retries?: number
  readonly retry_delay_seconds?: number
  readonly timeout_seconds?: number
}
export interface TaskCase {
  /** How many arguments it takes. */
  readonly arity?: number
  readonly attempts: readonly Behaviour[]
  readonly retries?: number
  readonly retry_delay_seconds?: number | readonly number[]
  /** Exceptions after which it is tried again. Default: any. */
  readonly retry_on?: readonly string[]
  readonly timeout_seconds?: number
  readonly refresh_cache?: boolean
  readonly cache_key?: string
  readonly cache_policy?: string
  readonly persist_result?: boolean
}
interface Behaviour {
  readonly sleep?: number
  readonly return?: unknown
  readonly raise?: string
  readonly raise_if?: readonly unknown[]
  readonly echo?: boolean
  readonly return_arg_kinds?: boolean
}
type Statement = Readonly<Record<string, unknown>>

export interface PrefectCase {
  readonly flow: FlowCase
  readonly args?: readonly unknown[]
  readonly tasks?: Readonly<Record<string, TaskCase>>
  readonly subflows?: Readonly<Record<string, FlowCase>>
  readonly repeat?: number
}

/** The program that a case describes, and how often each body ran. */
export interface Program {
  readonly main: Flow<object, unknown>
  readonly params: object
  readonly executions: Record<string, number>
}

/** Their seconds, a tenth as long: what matters is which of two waits is longer. */
const scaled = (seconds: number): Duration => `${seconds * 100}ms`
const pause = (seconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, seconds * 100))
const raise = (name: string): never => {
  throw Object.assign(new Error(name), { name, code: name })
}

/**
 * A future is a promise, reading one an `await`, ignoring its failure `allSettled`; a task that waits for others is called
 * when they are there. What is returned is waited for.
 */
export function translate(input: PrefectCase): Program {
  const executions: Record<string, number> = {}
  const count = (name: string): number => (executions[name] = (executions[name] ?? 0) + 1)
  const tasks = new Map(Object.entries(input.tasks ?? {}).map(([name, one]) => [name, taskOf(name, one, count)]))
  const subflows = new Map(Object.entries(input.subflows ?? {}).map(([name, one]) => [name, flowOf(name, one)]))

  function flowOf(name: string, one: FlowCase): Flow<object, unknown> {
    const options = {
      params: z.object(
        Object.fromEntries(Object.entries(one.params ?? {}).map(([param, type]) => [param, kinds[type]!])),
      ),
      ...(one.retries !== undefined && { retries: retriesOf(one.retries, one.retry_delay_seconds) }),
      ...(one.timeout_seconds !== undefined && { timeout: scaled(one.timeout_seconds) }),
    }
    return flow(name, options, () => run(one.body, count(`flow:${name}`))) as never
  }

  async function run(body: readonly Statement[], attempt: number): Promise<unknown> {
    const refs = new Map<string, Promise<unknown>>()
    for (const statement of body) {
      if ('return' in statement) return read(statement['return'], refs)
      const raisesNow = (statement['raise_on_attempt'] as readonly number[] | undefined)?.includes(attempt)
      if (raisesNow) raise('ValueError')
      else if (statement['raise_on_attempt']) continue
      else if (typeof statement['raise'] === 'string') raise(statement['raise'])
      else if (typeof statement['sleep'] === 'number') await pause(statement['sleep'])
      else if (Array.isArray(statement['wait']))
        await Promise.allSettled(statement['wait'].map(async (ref) => refs.get(ref as string)))
      else await call(statement, refs)
    }
    return undefined
  }

  async function call(statement: Statement, refs: Map<string, Promise<unknown>>): Promise<void> {
    const {
      submit,
      map,
      call: called,
      subflow,
      as,
      args = [],
      wait_for: waits = [],
    } = statement as Record<string, string> & { args?: unknown[]; wait_for?: unknown[] }
    const name = submit ?? map ?? called ?? subflow!
    const needs = [...waits.map((one) => (typeof one === 'string' ? { ref: one } : one)), ...args].map((one) =>
      read(one, refs),
    )
    const start = (values: readonly unknown[]): Promise<unknown> => {
      const given = values.slice(waits.length)
      if (subflow) return subflows.get(name)!({})
      return map ? mapped(tasks.get(name)!, given, args) : tasks.get(name)!(...given)
    }
    // With nothing to wait for the call is made at once, so that calls keep the order in which they are written.
    const made = needs.length === 0 ? start([]) : Promise.all(needs).then(start)
    const isState = statement['return_state'] === true
    const outcome = isState
      ? made.then(
          (value) => value,
          () => undefined,
        )
      : made
    if (as !== undefined) refs.set(as, outcome)
    if (called || subflow) await (statement['catch'] === true ? outcome.catch(() => undefined) : outcome)
  }
  const names = Object.keys(input.flow.params ?? {})
  const params = Object.fromEntries((input.args ?? []).map((value, n) => [names[n] ?? n, value]))
  return { main: flowOf('main', input.flow), params, executions }
}

const kinds: Readonly<Record<string, z.ZodType>> = {
  int: z.coerce.number().int(),
  float: z.coerce.number(),
  str: z.string(),
  bool: z.boolean(),
  list: z.array(z.unknown()),
  dict: z.record(z.string(), z.unknown()),
}

/** A call for each place of the lists among the arguments; what is no list, or is not mapped, is the same for all. */
function mapped(
  one: ReturnType<typeof taskOf>,
  given: readonly unknown[],
  args: readonly unknown[],
): Promise<unknown[]> {
  const isList = given.map((value, n) => Array.isArray(value) && !isObject(args[n], 'unmapped'))
  if (isList.every((yes, n) => yes === (n === 0))) {
    const [first, ...rest] = given
    return Promise.resolve(one.map(first as unknown[], { rest }))
  }
  const length = Math.max(...given.map((value, n) => (isList[n] ? (value as unknown[]).length : 0)))
  const calls = Array.from({ length }, (_, at) =>
    one(...given.map((value, n) => (isList[n] ? (value as unknown[])[at] : value))),
  )
  return Promise.all(calls)
}

const isObject = (value: unknown, key: string): boolean => typeof value === 'object' && value !== null && key in value

function retriesOf(max: number, delay: number | readonly number[] | undefined, on?: readonly string[]): Retries {
  return {
    max,
    ...(delay !== undefined && { delay: Array.isArray(delay) ? delay.map(scaled) : scaled(delay as number) }),
    ...(on && { if: (error) => on.includes(String((error as { code?: unknown }).code)) }),
  }
}

async function read(expression: unknown, refs: ReadonlyMap<string, Promise<unknown>>): Promise<unknown> {
  if (Array.isArray(expression)) {
    const all = await Promise.allSettled(expression.map((one) => read(one, refs)))
    return all.map((one) => (one.status === 'fulfilled' ? one.value : raiseAgain(one.reason)))
  }
  if (typeof expression !== 'object' || expression === null) return expression
  const {
    ref,
    result_of: result,
    raise_on_failure: raises,
    allow_failure: allowed,
    state_of: stateOf,
    unmapped,
    tuple,
    dict,
  } = expression as Record<string, string> & { raise_on_failure?: boolean }
  if (unmapped !== undefined) return read(unmapped, refs)
  if (tuple !== undefined) return read(tuple, refs)
  if (dict !== undefined) {
    const values = (await read(Object.values(dict), refs)) as unknown[]
    return Object.fromEntries(Object.keys(dict).map((key, n) => [key, values[n]]))
  }
  const name = ref ?? result
  // What has failed is a value where it is asked for as one.
  const settled = allowed ?? stateOf ?? (raises === false ? result : undefined)
  if (settled !== undefined) return refs.get(settled)!.catch((error: Error) => `exception:${error.name}`)
  if (name !== undefined) return refs.get(name)
  throw new Error(`No way to say ${JSON.stringify(expression)}`)
}

function raiseAgain(reason: unknown): never {
  throw reason as Error
}

function taskOf(
  name: string,
  one: TaskCase,
  count: (name: string) => number,
): ReturnType<typeof task<(...args: unknown[]) => Promise<unknown>>> {
  const isCached = one.cache_policy !== 'NO_CACHE' && (one.cache_key !== undefined || one.persist_result === true)
  const options: TaskOptions = {
    ...(one.retries !== undefined && { retries: retriesOf(one.retries, one.retry_delay_seconds, one.retry_on) }),
    ...(one.timeout_seconds !== undefined && { timeout: scaled(one.timeout_seconds) }),
    ...(isCached && { cache: { version: 'same', ...(one.refresh_cache === true && { refresh: true }) } }),
    ...(one.cache_key !== undefined && { key: () => one.cache_key! }),
  }
  return task(name, options, async (...args: unknown[]) => {
    const execution = count(name)
    const behaviour = one.attempts[Math.min(execution, one.attempts.length) - 1]!
    if (behaviour.sleep !== undefined) await pause(behaviour.sleep)
    if (behaviour.raise !== undefined) raise(behaviour.raise)
    if (behaviour.raise_if?.includes(args[0])) raise('ValueError')
    if (behaviour.raise_if || behaviour.echo) return args[0]
    return behaviour.return_arg_kinds ? args : behaviour.return
  })
}
