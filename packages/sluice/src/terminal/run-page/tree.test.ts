import type { Run, Step } from '@sluice/core'
import { aRun, aStep } from '@sluice/engine/rows'
import { describe, expect, test } from 'vitest'
import { styleOf, widthOf } from '../style.ts'
import { treeLines } from './tree.ts'

const start = 1_700_000_000_000
const run = aRun('r1', { state: 'succeeded', epoch: 1, createdAt: start, startedAt: start, endedAt: start + 1000 })
const step = (number: number, more: Partial<Step> = {}): Step =>
  aStep('r1', number, { startedAt: start, endedAt: start + 100, result: null, ...more })
const options = { style: styleOf({}, {}), columns: 80, now: start + 1000, isWhole: false }
const tree = (steps: readonly Step[], more: Partial<typeof options> = {}, of: Run = run): string[] =>
  treeLines(of, steps, { ...options, ...more })

describe('the tree of steps', () => {
  test('nests what was called below what called it', () => {
    const steps = [
      step(1, { name: 'outer', kind: 'flow' }),
      step(2, { parent: 1, name: 'inner', args: '[3,"x"]' }),
      step(3, { parent: 2, name: 'innermost', key: 'k' }),
      step(4, { name: 'last' }),
    ]
    expect(tree(steps).map((line) => line.replace(/ +100 ms$/, ''))).toEqual([
      '  ✓ outer',
      '    ✓ inner (3, "x")',
      '      ✓ innermost k',
      '  ✓ last',
    ])
  })

  test('says how steps went', () => {
    const error = { name: 'TypeError', code: 'STEP_FAILED', message: 'no such page' }
    const [failed, skipped, cached, waiting, lineage] = tree(
      [
        step(1, { state: 'failed', attempt: 3, error }),
        step(2, { state: 'skipped', reason: 'no files yet' }),
        step(3, { cachedFrom: { run: 'r0', step: 4 } }),
        step(4, {
          state: 'waiting',
          startedAt: null,
          endedAt: null,
          waitingFor: { for: 'retry', until: start + 11_000 },
        }),
        step(5, { name: 'sum', upstream: [1, 2, 3] }),
      ],
      { columns: 0 },
      { ...run, state: 'running' },
    )
    expect(failed).toContain('attempt 3 · TypeError: no such page')
    expect(skipped).toMatch(/^ {2}↷ page .*no files yet$/)
    expect(cached).toContain('cached from r0')
    expect(waiting).toMatch(/^ {2}○ page .*retrying in 10 s$/)
    expect(lineage).toContain('← page × 3')
  })

  test('folds many of one name into a line, and shows those that failed', () => {
    const error = { name: 'Error', code: 'STEP_FAILED', message: 'broken' }
    const many = Array.from({ length: 10_000 }, (_, index) =>
      step(index + 2, { parent: 1, key: `p${index}`, ...(index % 2500 === 7 && { state: 'failed' as const, error }) }),
    )
    const lines = tree([step(1, { name: 'all', kind: 'flow' }), ...many], { columns: 0 })
    expect(lines).toHaveLength(6)
    expect(lines[1]).toContain('✗ page × 10,000 p0 … p9999')
    expect(tree([step(1, { name: 'all', kind: 'flow' }), ...many.toReversed()], { columns: 0 })[1]).toContain(
      'p0 … p9999',
    )
    expect(lines[1]).toContain('9,996 succeeded, 4 failed')
    expect(lines.slice(2).map((line) => /page (p\d+)/.exec(line)?.[1])).toEqual(['p7', 'p2507', 'p5007', 'p7507'])
    expect(
      tree(
        many.map((one) => ({ ...one, parent: 0 })),
        { isWhole: true },
      ),
    ).toHaveLength(10_000)
  })

  test('a step of a run that is over did not go on', () => {
    expect(tree([step(1, { state: 'running', endedAt: null })], {}, { ...run, state: 'crashed' })[0]).toContain(
      'was running when its process ended',
    )
  })

  test('ends, and fits', () => {
    const steps = Array.from({ length: 200 }, (_, index) =>
      step(index + 1, { name: `step number ${index} ${'x'.repeat(index)}` }),
    )
    const lines = tree(steps, { columns: 60 })
    expect(lines).toHaveLength(61)
    expect(lines.at(-1)).toContain('sluice runs show r1 --steps')
    expect(Math.max(...lines.slice(0, -1).map(widthOf))).toBeLessThan(60)
  })

  test('is no recursion without an end', () => {
    const deep = Array.from({ length: 20_000 }, (_, index) => step(index + 1, { parent: index }))
    expect(tree(deep).length).toBeLessThan(100)
  })
})
