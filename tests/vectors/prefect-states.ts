import { inStore } from './in-store.ts'
import { type PrefectCase, translate } from './prefect-case.ts'
import { type Evaluator, type Input, same } from './shapes.ts'

interface Expected {
  readonly flow: { readonly type: string }
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

/** What a program says that means something else here, on purpose: the section of docs/differences.md that says why. */
const different: readonly (readonly [says: RegExp, section: string])[] = [
  [/"state_of"|"return_state":true.*"ref"/, 'A settled failure is a value'],
  [/"state":\{/, 'A state is not a value'],
  [
    /"(?:BaseException|CancelledError|KeyboardInterrupt|SystemExit|GeneratorExit)"/,
    'Everything that is thrown is a failure',
  ],
  [/"generator"/, 'Iterators are not results'],
  [/^\{"flow":\{(?:(?!"body").)*"params"|"params":\{/, 'Wrong params are a failed run'],
  [/"arity"/, 'Arguments are checked by the compiler'],
]

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
      const program = translate(given)
      const outcomes: Outcome[] = []
      for (let run = 0; run < (given.repeat ?? 1); run += 1) {
        for (const name of Object.keys(program.executions)) delete program.executions[name]
        const end = await it.execute({ kind: 'flow', name: program.main.name }, [program.main])
        const steps = (await it.store.steps.list(end.run)).map(({ name, state }) => `${name} ${state}`)
        const value = (end as { value?: unknown }).value ?? null
        outcomes.push({ state: end.state, steps: steps.toSorted(), executions: { ...program.executions }, value })
      }
      return outcomes
    }),
  agrees(got, expected, input) {
    const theirs = expected as Expected
    const runs = theirs.runs ?? [theirs]
    return (got as readonly Outcome[]).every((one, n) => isLike(one, runs[n]!, input))
  },
  different: ({ input }) => different.find(([says]) => says.test(JSON.stringify(input)))?.[1],
}

function isLike(one: Outcome, expected: Expected, input: Input): boolean {
  const isValue = 'result' in expected && !JSON.stringify(expected.result).includes('"state"')
  return (
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
