import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { runSet } from './run-set.ts'
import { evaluators, setsIn } from './sets.ts'

const page = readFileSync(new URL('../../docs/differences.md', import.meta.url), 'utf8')
const own = fileURLToPath(new URL('cases', import.meta.url))
/** More of the same, beside the repository, where somebody has them. */
const beside = fileURLToPath(new URL('../../../shared/vectors', import.meta.url))

describe.each([own, beside].filter((folder) => existsSync(folder)))('%s', (folder) => {
  test.each(setsIn(folder).map((set) => [set.name, set] as const))('%s', async (name, set) => {
    const evaluator = evaluators[name]
    const { failed, different, passed, total } = await runSet(set, evaluator!)
    expect(failed).toEqual([])
    expect(passed).toBeGreaterThan(total * (name === 'prefect_states' ? 0.5 : 0.8))
    for (const { section } of different) expect(page).toContain(`### ${section}\n`)
  })
})

test('an answer that is wrong, or thrown, fails its case', async () => {
  const one = { id: 'a', tier: 'core', input: { n: 1 }, expected: 2 } as const
  const set = { name: 'n', cases: [one], header: {} }
  expect(await runSet(set, { answer: ({ n }) => Number(n) + 1 })).toMatchObject({ passed: 1, total: 1, failed: [] })
  expect(await runSet(set, { answer: ({ n }) => n })).toMatchObject({
    passed: 0,
    failed: [{ id: 'a', got: 1, expected: 2 }],
  })
  const thrown = { answer: () => expect.unreachable() as unknown }
  expect((await runSet(set, thrown)).failed).toHaveLength(1)
  const onPurpose = { answer: () => 3, different: () => 'Why' }
  expect(await runSet(set, onPurpose)).toMatchObject({
    passed: 0,
    failed: [],
    different: [{ id: 'a', section: 'Why' }],
  })
})

test('a flow of theirs runs as it is written', async () => {
  const input = {
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
  const expected = {
    flow: done,
    task_runs: [
      { ref: 'a', ...done },
      { ref: 'b', ...done },
    ],
    executions: { 'flow:main': 1, a: 1, b: 2 },
    result: [2, 2],
  }
  const set = (given: object) => ({
    name: 'n',
    cases: [{ id: 'a', tier: 'core' as const, input, expected: { ...expected, ...given } }],
    header: {},
  })
  expect(await runSet(set({}), evaluators['prefect_states']!)).toMatchObject({ passed: 1 })
  expect(await runSet(set({ result: [2, 3] }), evaluators['prefect_states']!)).toMatchObject({ passed: 0 })
  expect(
    await runSet(set({ executions: { 'flow:main': 1, a: 1, b: 1 } }), evaluators['prefect_states']!),
  ).toMatchObject({ passed: 0 })
})
