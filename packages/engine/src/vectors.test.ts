import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Retries, asset } from '@sluice/core'
import { openSqliteInProcess } from '@sluice/storage'
import { describe, expect, test } from 'vitest'
import { withHarness } from './runs/with-harness.ts'
import { type PrefectCase, translate } from './vectors/prefect-case.ts'

const t = withHarness(openSqliteInProcess)
const root = new URL('../../../', import.meta.url)
const page = readFileSync(fileURLToPath(new URL('docs/differences.md', root)), 'utf8')

interface Expected {
  readonly flow: { readonly type: string }
  readonly task_runs: readonly { readonly ref: string; readonly type: string; readonly name: string }[]
  readonly executions: Readonly<Record<string, number>>
  readonly result?: unknown
  readonly runs?: readonly Expected[]
}
interface Case<I, E> {
  readonly id: string
  readonly input: I
  readonly expected: E
}

function casesOf<I, E>(set: string): readonly Case<I, E>[] {
  const file = fileURLToPath(new URL(`tests/vectors/cases/${set}.json`, root))
  return (JSON.parse(readFileSync(file, 'utf8')) as { cases: Case<I, E>[] }).cases
}

/** Different on purpose: the section of docs/differences.md that says why. */
const different: Readonly<Record<string, string>> = {
  'pstate-ret-state-cancelled': 'A state is not a value',
  'pstate-ret-state-paused': 'A state is not a value',
  'pstate-ret-states-cru': 'A state is not a value',
  'pstate-ret-states-crca': 'A state is not a value',
  'pstate-ret-states-data-mixed': 'A state is not a value',
  'pstate-up-state-pending': 'A state is not a value',
  'pstate-task-state-failed-None': 'A state is not a value',
  'pstate-flow-retry-failed-state': 'A state is not a value',
  'pstate-cache-completed-state-named': 'A state is not a value',
  'pstate-task-returns-future-list-states': 'A settled failure is a value',
  'pstate-up-state-arg-failed': 'A settled failure is a value',
  'pstate-raise-cancellederror': 'Everything that is thrown is a failure',
  'pstate-raise-baseexception': 'Everything that is thrown is a failure',
  'pstate-flow-retry-crash': 'Everything that is thrown is a failure',
  'pstate-task-raise-cancellederror': 'Everything that is thrown is a failure',
  'pstate-param-missing': 'Wrong params are a failed run',
  'pstate-task-generator': 'Iterators are not results',
  'pstate-arity-mismatch-submit': 'Arguments are checked by the compiler',
}

const states: Readonly<Record<string, string>> = {
  COMPLETED: 'succeeded',
  FAILED: 'failed',
  CANCELLED: 'canceled',
  CRASHED: 'crashed',
}

/** Their runs of tasks as our steps: a call that was never made is none, a call that was tried again is one. */
function stepsIn(expected: Expected, input: PrefectCase): string[] {
  const runs = expected.task_runs.filter(({ name }) => name !== 'NotReady')
  const last = new Map(runs.map(({ ref, type }) => [ref, states[type]!]))
  return [...last].map(([ref, state]) => `${calledBy(ref, input)} ${state}`).toSorted()
}

/** What the statement calls whose outcome has this name; `m[2]` is a call of a map, `flow:s` a flow. */
function calledBy(ref: string, { flow }: PrefectCase): string {
  const name = ref.replace(/^flow:/, '').replace(/\[\d+\]$/, '')
  const statement = flow.body.find((one) => one['as'] === name)
  return String(statement?.['submit'] ?? statement?.['call'] ?? statement?.['map'] ?? statement?.['subflow'])
}

async function expectLike(input: PrefectCase, expected: Expected): Promise<void> {
  const program = translate(input)
  for (const one of expected.runs ?? [expected]) {
    for (const name of Object.keys(program.executions)) delete program.executions[name]
    const end = await t.h.run(program.main)
    expect(end.state).toBe(states[one.flow.type])
    const steps = (await t.h.store.steps.list(end.run)).map(({ name, state }) => `${name} ${state}`)
    expect(steps.toSorted()).toEqual(stepsIn(one, input))
    expect(program.executions).toEqual(one.executions)
    const isValue = 'result' in one && !JSON.stringify(one.result).includes('"state"')
    if (isValue) expect((end as { value?: unknown }).value ?? null).toEqual(one.result)
  }
}

describe('outcome rules', () => {
  test('a translated program runs as it is written', async () => {
    const input: PrefectCase = {
      tasks: {
        a: { attempts: [{ return: 2 }] },
        b: { attempts: [{ raise: 'ValueError' }, { echo: true }], retries: 1 },
      },
      flow: {
        body: [
          { submit: 'a', as: 'a' },
          { submit: 'b', as: 'b', args: [{ ref: 'a' }] },
          { return: [{ ref: 'a' }, { ref: 'b' }] },
        ],
      },
    }
    const done = { type: 'COMPLETED', name: 'Completed' }
    await expectLike(input, {
      flow: done,
      task_runs: [
        { ref: 'a', ...done },
        { ref: 'b', ...done },
      ],
      executions: { 'flow:main': 1, a: 1, b: 2 },
      result: [2, 2],
    })
  })

  test('every difference has its reason', () => {
    for (const section of new Set(Object.values(different))) expect(page).toContain(`### ${section}`)
  })

  for (const { id, input, expected } of casesOf<PrefectCase, Expected>('prefect_states')) {
    if (!(id in different)) test(`case ${id}`, () => expectLike(input, expected))
  }
})

interface RetryCase {
  readonly library: string
  readonly kind: string
  readonly retries?: number
  readonly asset_a?: { readonly policy: { readonly max_retries: number }; readonly attempts: readonly string[] }
}
interface RetryExpected {
  readonly executions?: number
  readonly executions_of_a?: number
  readonly run_success?: boolean
  readonly events?: readonly (readonly [string, string])[]
}

describe('retries that are executed', () => {
  const attempt = (kind: string): number => {
    if (kind === 'ok') return 1
    throw Object.assign(new Error(kind), { final: kind === 'failure_no_retry' })
  }
  const expectAssets = async ({ asset_a: given }: RetryCase, expected: RetryExpected): Promise<void> => {
    let executions = 0
    const retries: Retries = { max: given!.policy.max_retries, if: (error) => !(error as { final?: boolean }).final }
    const a = asset('a', { retries }, () =>
      attempt(given!.attempts[Math.min(executions++, given!.attempts.length - 1)]!),
    )
    const b = asset('b', { inputs: { a } }, ({ a: n }) => n)
    const end = await t.h.materialize([b], ['a', 'b'])
    expect([end.state === 'succeeded', executions]).toEqual([expected.run_success, expected.executions_of_a])
    const ended = (await t.h.store.steps.list(end.run)).map(({ name, state }) => [name, state])
    const theirs = expected.events!.flatMap(([type, name]) =>
      type === 'STEP_SUCCESS' ? [[name, 'succeeded']] : type === 'STEP_FAILURE' ? [[name, 'failed']] : [],
    )
    expect(ended.filter(([, state]) => state !== 'upstream_failed')).toEqual(theirs)
    const again = (await t.h.store.events.list({ run: end.run })).filter(({ type }) => type === 'step.retrying')
    expect(again).toHaveLength(expected.events!.filter(([type]) => type === 'STEP_UP_FOR_RETRY').length)
  }

  test('an asset that fails once and may be tried again', () =>
    expectAssets(
      { library: 'dagster', kind: 'execution', asset_a: { policy: { max_retries: 1 }, attempts: ['raise', 'ok'] } },
      {
        run_success: true,
        executions_of_a: 2,
        events: [
          ['STEP_UP_FOR_RETRY', 'a'],
          ['STEP_SUCCESS', 'a'],
          ['STEP_SUCCESS', 'b'],
        ],
      },
    ))

  for (const { id, input, expected } of casesOf<RetryCase, RetryExpected>('retries')) {
    if (input.kind !== 'execution') continue
    test(`case ${id}`, async () => {
      if (input.library === 'dagster') return expectAssets(input, expected)
      const program = translate({
        tasks: { a: { attempts: [{ raise: 'ValueError' }], retries: input.retries! } },
        flow: { body: [{ call: 'a', as: 'a' }] },
      })
      expect((await t.h.run(program.main)).state).toBe('failed')
      expect(program.executions['a']).toBe(expected.executions)
    })
  }
})
