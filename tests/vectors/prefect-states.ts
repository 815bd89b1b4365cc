import { inStore } from './in-store.ts'
import { type PrefectCase, translate } from './prefect-case.ts'
import { type Case, type Evaluator, type Input, same } from './shapes.ts'

interface Expected {
  readonly flow: { readonly type: string } | null
  readonly task_runs: readonly { readonly ref: string; readonly type: string; readonly name: string }[]
  readonly executions: Readonly<Record<string, number>>
  readonly result?: unknown
  readonly runs?: readonly Expected[]
}

/** What a run of the flow came to: `name state` of each step, and how often each body ran. */
interface Outcome {
  readonly state: string
  readonly steps: readonly string[]
  readonly executions: Readonly<Record<string, number>>
  readonly value: unknown
}

/** What a program says that none in TypeScript does: the section of docs/differences.md that says why. */
function unsayable(input: PrefectCase): string | undefined {
  const { flow, tasks = {} } = input
  const text = JSON.stringify(input)
  if (/"state":\{/.test(text)) return 'A state is not a value'
  if (/"generator"/.test(text)) return 'Iterators are not results'
  const isCalledWrong = flow.body.some(({ submit, call, args = [] }) => {
    const arity = tasks[String(submit ?? call)]?.arity
    return arity !== undefined && arity !== (args as readonly unknown[]).length
  })
  return isCalledWrong ? 'Arguments are checked by the compiler' : undefined
}

/** Of Python's exceptions, those that are no `Exception`: there they end the process, or the event loop. */
const beyondExceptions = /"(?:BaseException|CancelledError|KeyboardInterrupt|SystemExit|GeneratorExit)"/

/** Why an outcome differs on purpose. */
function different({ input, expected }: Case): string | undefined {
  const text = JSON.stringify(input)
  const unsaid = unsayable(input as unknown as PrefectCase)
  if (unsaid) return unsaid
  if (beyondExceptions.test(text)) return 'Everything that is thrown is a failure'
  if ((expected as Expected).flow === null) return 'Wrong params are a failed run'
  return /"state_of"|"return_state":true/.test(text) ? 'A settled failure is a value' : undefined
}

const states: Readonly<Record<string, string>> = {
  COMPLETED: 'succeeded',
  FAILED: 'failed',
  CANCELLED: 'canceled',
  CRASHED: 'crashed',
}

/** The flow is translated into a program, and that is run. */
export const prefectStates: Evaluator = {
  answer: (input) =>
    inStore(async (it) => {
      const given = input as unknown as PrefectCase
      const unsaid = unsayable(given)
      // A program that is another one would agree by chance.
      if (unsaid) throw new Error(`Not a program in TypeScript: ${unsaid}`)
      const program = translate(given)
      const outcomes: Outcome[] = []
      for (let run = 0; run < (given.repeat ?? 1); run += 1) {
        for (const name of Object.keys(program.executions)) delete program.executions[name]
        const end = await it.execute({ kind: 'flow', name: program.main.name }, [program.main], program.params)
        const steps = (await it.store.steps.list(end.run)).map(({ name, state }) => `${name} ${state}`)
        const value = (end as { value?: unknown }).value ?? null
        outcomes.push({ state: end.state, steps: steps.toSorted(), executions: { ...program.executions }, value })
      }
      return outcomes
    }),
  agrees(got, expected, input) {
    const theirs = expected as Expected
    const runs = theirs.runs ?? [theirs]
    return (
      runs.length === (got as readonly Outcome[]).length &&
      (got as readonly Outcome[]).every((one, n) => isLike(one, runs[n]!, input))
    )
  },
  different,
}

function isLike(one: Outcome, expected: Expected, input: Input): boolean {
  const isValue = 'result' in expected && !JSON.stringify(expected.result).includes('"state"')
  return (
    expected.flow !== null &&
    one.state === states[expected.flow.type] &&
    same(one.steps, stepsIn(expected, input as unknown as PrefectCase)) &&
    same(sorted(one.executions), sorted(expected.executions)) &&
    (!isValue || same(one.value, expected.result))
  )
}

const sorted = (counts: Readonly<Record<string, number>>) =>
  Object.entries(counts).toSorted(([a], [b]) => (a < b ? -1 : 1))

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
