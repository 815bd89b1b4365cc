import { type Retries, asset } from '@sluice/core'
import { inStore } from './in-store.ts'
import { translate } from './prefect-case.ts'
import { type Input, same } from './shapes.ts'

interface RetryCase {
  readonly library: string
  readonly retries?: number
  readonly asset_a?: { readonly policy: { readonly max_retries: number }; readonly attempts: readonly string[] }
}
interface RetryExpected {
  readonly executions?: number
  readonly executions_of_a?: number
  readonly run_success?: boolean
  readonly events?: readonly (readonly [string, string])[]
}
interface Outcome {
  readonly succeeded: boolean
  readonly executions: number
  /** The steps that ran, in order, with what they came to. */
  readonly steps: readonly (readonly [string, string])[]
  readonly retries: number
}

/** An asset that fails so often, and another made from it; or a task that always does. */
export function executeRetries(input: Input): Promise<Outcome> {
  const given = input as unknown as RetryCase
  return given.library === 'dagster' ? asAssets(given) : asTask(given)
}

const asTask = ({ retries }: RetryCase): Promise<Outcome> =>
  inStore(async (it) => {
    const program = translate({
      tasks: { a: { attempts: [{ raise: 'ValueError' }], retries: retries! } },
      flow: { body: [{ call: 'a', as: 'a' }] },
    })
    const { state } = await it.execute({ kind: 'flow', name: program.main.name }, [program.main])
    return { succeeded: state === 'succeeded', executions: program.executions['a'] ?? 0, steps: [], retries: 0 }
  })

const asAssets = ({ asset_a: given }: RetryCase): Promise<Outcome> =>
  inStore(async (it) => {
    let executions = 0
    const { policy, attempts } = given!
    const retries: Retries = { max: policy.max_retries, if: (error) => !(error as { final?: boolean }).final }
    const a = asset('a', { retries }, () => attempt(attempts[Math.min(executions++, attempts.length - 1)]!))
    const b = asset('b', { inputs: { a } }, ({ a: n }) => n)
    const end = await it.execute({ kind: 'assets', selection: '*', assets: ['a', 'b'], partitions: null }, [b])
    const steps = (await it.store.steps.list(end.run)).map(({ name, state }) => [name, state] as const)
    const again = (await it.store.events.list({ run: end.run })).filter(({ type }) => type === 'step.retrying')
    return { succeeded: end.state === 'succeeded', executions, steps, retries: again.length }
  })

function attempt(kind: string): number {
  if (kind === 'ok') return 1
  throw Object.assign(new Error(kind), { final: kind === 'failure_no_retry' })
}

export function agreesWithExecuted(got: unknown, expected: unknown): boolean {
  const { succeeded, executions, steps, retries } = got as Outcome
  const theirs = expected as RetryExpected
  if (theirs.executions_of_a === undefined) return !succeeded && executions === theirs.executions
  const ended = theirs.events!.flatMap(([type, name]) =>
    type === 'STEP_SUCCESS' ? [[name, 'succeeded']] : type === 'STEP_FAILURE' ? [[name, 'failed']] : [],
  )
  return (
    succeeded === theirs.run_success &&
    executions === theirs.executions_of_a &&
    retries === theirs.events!.filter(([type]) => type === 'STEP_UP_FOR_RETRY').length &&
    same(
      steps.filter(([, state]) => state !== 'upstream_failed'),
      ended,
    )
  )
}
