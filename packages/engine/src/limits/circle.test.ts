import { expect, test } from 'vitest'
import { type Standing, circleOf } from './circle.ts'

/** `a1 holds x`, `a1 waits y`: run a, step 1. Step 2 is inside step 1, and all are inside 0. */
function standing(...lines: readonly string[]): Standing {
  const facts = lines.map(
    (line) => /^(\w)(\d) (holds|waits) (\w)$/.exec(line)!.slice(1) as [string, string, string, string],
  )
  const of = (verb: string) => facts.filter((fact) => fact[2] === verb)
  return {
    holders: ({ name }) =>
      Promise.resolve(
        of('holds').flatMap(([run, step, , limit]) => (limit === name ? [{ run, step: Number(step) }] : [])),
      ),
    waiting: (wanted) =>
      Promise.resolve(
        of('waits').flatMap(([run, step, , limit]) =>
          run === wanted ? [{ run, step: Number(step), limit: { name: limit, key: null } }] : [],
        ),
      ),
    path: ({ step }) => Promise.resolve(step === 2 ? [2, 1, 0] : [step, 0]),
  }
}
const asks = (run: string, step: number, name: string) => ({ run, step, limit: { name, key: null } })

test.each([
  ['two that each hold what the other waits for', ['a1 holds x', 'a2 waits y', 'b1 holds y', 'b2 waits x'], ['a', 'b']],
  ['a run that holds as a whole', ['a0 holds x', 'a1 waits y', 'b1 holds y', 'b2 waits x'], ['a', 'b']],
  ['through a third', ['a1 holds x', 'a1 waits z', 'c1 holds z', 'c2 waits y', 'b1 holds y', 'b2 waits x'], null],
  ['the holder goes on', ['a1 holds x', 'b1 holds y', 'b2 waits x'], null],
  ['what waits is not inside what holds', ['a1 holds x', 'a3 waits y', 'b1 holds y', 'b2 waits x'], null],
  ['one of two holders goes on', ['a1 holds x', 'a2 waits y', 'c1 holds x', 'b1 holds y', 'b2 waits x'], null],
])('%s', async (_, lines, expected) => {
  expect(await circleOf(asks('b', 2, 'x'), standing(...lines))).toEqual(expected)
})

test('only the newest of a circle gives up', async () => {
  const now = standing('a1 holds x', 'a2 waits y', 'b1 holds y', 'b2 waits x')
  expect(await circleOf(asks('a', 2, 'y'), now)).toBeNull()
  const three = standing('a1 holds x', 'a1 waits z', 'c1 holds z', 'c2 waits y', 'b1 holds y', 'b2 waits x')
  expect(await circleOf(asks('c', 2, 'y'), three)).toEqual(['a', 'b', 'c'])
})
