import { expect, test } from 'vitest'
import { type FoundAsset, lineageOf } from './lineage.ts'

const found = (location: string, name: string, upstream: string[], over: Partial<FoundAsset['definition']> = {}) =>
  ({ location, definition: { name, upstream, group: undefined, external: false, ...over }, states: [] }) as FoundAsset

test('the graph of a selection: edges by place, once, only within it, and none to itself', () => {
  const { assets, total } = lineageOf(
    [
      found('a', 'c', ['a', 'b', 'a', 'c', 'elsewhere'], { group: 'marts' }),
      found('a', 'a', []),
      found('a', 'b', ['a']),
    ],
    10,
  )
  expect(assets.map(({ name, group, upstream }) => [name, group, upstream])).toEqual([
    ['a', null, []],
    ['b', null, [0]],
    ['c', 'marts', [0, 1]],
  ])
  expect(total).toBe(3)
})

test('what one location makes and another refers to is one, of the location that makes it', () => {
  const { assets } = lineageOf(
    [found('eu', 'orders', [], { external: true }), found('eu', 'revenue', ['orders']), found('us', 'orders', ['raw'])],
    10,
  )
  expect(assets).toMatchObject([
    { name: 'orders', location: 'us', external: false },
    { name: 'revenue', location: 'eu', upstream: [0] },
  ])
})

test('of more than are taken, the first by name, and how many there are', () => {
  const { assets, total } = lineageOf([found('a', 'b', ['a']), found('a', 'c', ['b']), found('a', 'a', ['c'])], 2)
  expect(assets.map(({ name, upstream }) => [name, upstream])).toEqual([
    ['a', []],
    ['b', [0]],
  ])
  expect(total).toBe(3)
})
