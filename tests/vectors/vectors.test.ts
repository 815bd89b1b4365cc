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
  test.each(setsIn(folder).map((set) => [set.name, set] as const))('%s', (name, set) => {
    const evaluator = evaluators[name]
    if (!evaluator) return expect(['prefect_states']).toContain(name)
    const { failed, different, passed, total } = runSet(set, evaluator)
    expect(failed).toEqual([])
    expect(passed).toBeGreaterThan(total * 0.8)
    for (const { section } of different) expect(page).toContain(`### ${section}\n`)
  })
})

test('an answer that is wrong, or thrown, fails its case', () => {
  const one = { id: 'a', tier: 'core', input: { n: 1 }, expected: 2 } as const
  const set = { name: 'n', cases: [one], header: {} }
  expect(runSet(set, { answer: ({ n }) => Number(n) + 1 })).toMatchObject({ passed: 1, total: 1, failed: [] })
  expect(runSet(set, { answer: ({ n }) => n })).toMatchObject({ passed: 0, failed: [{ id: 'a', got: 1, expected: 2 }] })
  const thrown = { answer: () => expect.unreachable() as unknown }
  expect(runSet(set, thrown).failed).toHaveLength(1)
  const onPurpose = { answer: () => 3, different: () => 'Why' }
  expect(runSet(set, onPurpose)).toMatchObject({ passed: 0, failed: [], different: [{ id: 'a', section: 'Why' }] })
})
