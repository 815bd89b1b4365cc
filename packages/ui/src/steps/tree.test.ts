import type { Step } from '@sluice/core'
import { describe, expect, test } from 'vitest'
import { countStates, treeRows } from './tree.ts'

const step = (number: number, parent: number, name: string, state: Step['state'] = 'succeeded') =>
  ({ step: number, parent, name, state }) as Step
const shown = (...args: Parameters<typeof treeRows>): string[] =>
  treeRows(...args).map(({ depth, step: one, group, canOpen, isOpen }) => {
    const mark = canOpen ? (isOpen ? '-' : '+') : ' '
    return `${'  '.repeat(depth)}${mark} ${group ? `${group.name} ×${group.steps.length}` : `${one.step} ${one.name}`}`
  })
const nothing: ReadonlySet<string> = new Set()
const many = Array.from({ length: 12 }, (_, nth) => step(nth + 3, 1, 'page', nth === 4 ? 'failed' : 'succeeded'))

describe('the tree of steps', () => {
  test('children stand below who called them, and are folded with them', () => {
    const steps = [step(1, 0, 'etl'), step(2, 1, 'load'), step(3, 0, 'tell')]
    expect(shown(steps, nothing, undefined)).toEqual(['- 1 etl', '    2 load', '  3 tell'])
    expect(shown(steps, new Set(['1']), undefined)).toEqual(['+ 1 etl', '  3 tell'])
  })

  test('many calls of the same are one line, where the first of them is', () => {
    const steps = [step(1, 0, 'etl'), step(2, 1, 'begin'), ...many, step(99, 1, 'end')]
    expect(shown(steps, nothing, undefined)).toEqual(['- 1 etl', '    2 begin', '  + page ×12', '    99 end'])
    expect(shown(steps, new Set(['1 page']), undefined)).toHaveLength(16)
    expect(shown(steps.slice(0, -2), nothing, undefined)).toHaveLength(13)
  })

  test('a step that is chosen is seen, in whatever group it is', () => {
    expect(shown([step(1, 0, 'etl'), ...many, step(50, 7, 'inner')], nothing, 50)).toContain('        50 inner')
  })

  test('what a parent of was not read stands at the top, and nothing is lost', () => {
    expect(shown([step(7, 3, 'orphan'), step(0, 0, 'flow')], nothing, undefined)).toEqual(['  7 orphan', '  0 flow'])
  })

  test('states are counted, what matters most first', () => {
    expect(countStates(many)).toEqual([
      ['failed', 1],
      ['succeeded', 11],
    ])
  })
})
