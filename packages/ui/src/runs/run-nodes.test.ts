import type { Step } from '@sluice/core'
import { expect, test } from 'vitest'
import { assetNodes, stepNodes } from './run-nodes.ts'

const step = (number: number, name: string, over: Partial<Step> = {}) =>
  ({ step: number, name, kind: 'task', key: null, state: 'succeeded', attempt: 1, upstream: null, ...over }) as Step

test('steps of a flow: an edge from the step whose result was given on, and calls of the same as a group', () => {
  const many = Array.from({ length: 12 }, (_, nth) => step(nth + 4, 'page', { upstream: [1] }))
  const nodes = stepNodes([
    step(0, 'etl'),
    step(1, 'list'),
    step(2, 'tell', { upstream: [1, 99], attempt: 3, state: 'upstream_failed' }),
    ...many,
  ])
  expect(nodes.slice(0, 2)).toMatchObject([
    { id: '1', group: null, upstream: [], words: 'succeeded' },
    { id: '2', upstream: [0], words: 'upstream failed, attempt 3', look: 'upstream_failed' },
  ])
  expect([nodes.length, nodes[2]?.group, nodes[2]?.upstream]).toEqual([14, 'page', [0]])
})

test('assets of a run: as the most urgent of their steps stands, and what one step makes together by its records', () => {
  const asset = (name: string, upstream: number[] = []) => ({ name, group: null, states: [], upstream })
  const { nodes, stepOf } = assetNodes(
    [asset('raw'), asset('both', [0]), asset('later', [1])],
    [
      step(1, 'raw', { kind: 'asset', key: 'a' }),
      step(2, 'raw', { kind: 'asset', key: 'b', state: 'failed' }),
      step(3, 'pair', { kind: 'assets', state: 'running' }),
    ],
    [{ asset: 'both', step: 3 }],
  )
  expect(nodes.map(({ look, words }) => [look, words])).toEqual([
    ['failed', 'failed, succeeded'],
    ['running', 'running'],
    ['none', 'no step yet'],
  ])
  expect([...stepOf]).toEqual([
    ['raw', 2],
    ['both', 3],
  ])
})
