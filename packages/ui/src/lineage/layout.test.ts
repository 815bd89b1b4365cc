import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type LineageNode, fold, groupId } from './graph.ts'
import { type Layout, layout } from './layout.ts'

const size = { width: 180, height: 40 }
const asked = (count: number, edges: number[], clusters: number[] = []) => ({
  widths: new Float32Array(count).fill(size.width),
  heights: new Float32Array(count).fill(size.height),
  edges: Int32Array.from(edges),
  clusters: Int32Array.from({ length: count }, (_, box) => clusters[box] ?? -1),
  clusterCount: Math.max(-1, ...clusters) + 1,
})
const overlaps = ({ x, y }: Layout): number => {
  let found = 0
  for (let a = 0; a < x.length; a += 1)
    for (let b = a + 1; b < x.length; b += 1)
      if (Math.abs(x[a]! - x[b]!) < size.width && Math.abs(y[a]! - y[b]!) < size.height) found += 1
  return found
}

test('edges lead to the right; a line is straight', () => {
  const { x, y } = layout(asked(4, [0, 1, 1, 2, 2, 3]))
  expect([...x]).toEqual([...x].toSorted((a, b) => a - b))
  expect(new Set(y).size).toBe(1)
})

test('what is in a frame lies within it, and frames beside each other', () => {
  const { x, y, frames } = layout(asked(6, [0, 1, 1, 2, 2, 3, 4, 5], [0, 0, 0, 1, 1, 1]))
  for (const [box, frame] of [0, 0, 0, 1, 1, 1].entries()) {
    const [left, top, width, height] = frames.subarray(frame * 4, frame * 4 + 4) as unknown as number[]
    expect([x[box]! > left!, x[box]! + size.width < left! + width!]).toEqual([true, true])
    expect([y[box]! > top!, y[box]! + size.height < top! + height!]).toEqual([true, true])
  }
  expect(frames[0]! + frames[2]!).toBeLessThan(frames[4]!)
})

test('nothing lies on anything else, whatever the graph is, circles among it; the same is laid out the same', () => {
  const graph = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.array(fc.nat(1000), { maxLength: 120 }), fc.boolean())
  fc.assert(
    fc.property(graph, ([count, ends, isFramed]) => {
      const edges = ends.slice(0, ends.length & ~1).map((end) => end % count)
      const clusters = isFramed ? Array.from({ length: count }, (_, box) => (box % 4) - 1) : []
      const made = layout(asked(count, edges, clusters))
      expect(overlaps(made)).toBe(0)
      expect(layout(asked(count, edges, clusters))).toEqual(made)
      expect(Math.min(...made.x, ...made.y)).toBeGreaterThanOrEqual(-0.001)
    }),
  )
})

test('a chain of 10,000, and 10,000 that come from one, are as wide as high, within reason', () => {
  const chain = Array.from({ length: 9_999 }, (_, nth) => [nth, nth + 1]).flat()
  const star = Array.from({ length: 9_999 }, (_, nth) => [0, nth + 1]).flat()
  for (const edges of [chain, star]) {
    const { width, height } = layout(asked(10_000, edges))
    // One line of so many could be read by nobody.
    expect(Math.max(width / height, height / width)).toBeLessThan(10)
  }
})

const node = (
  id: string,
  group: string | null,
  upstream: number[],
  look: LineageNode['look'] = 'fresh',
): LineageNode => ({
  id,
  name: id,
  group,
  look,
  words: look,
  upstream,
})

test('a group that is folded is one item, and what leads into it and out of it are its edges', () => {
  const nodes = [
    node('a', 'raw', []),
    node('b', 'raw', [0], 'stale'),
    node('c', 'raw', [0]),
    node('d', 'marts', [1, 2]),
    node('e', null, [3]),
  ]
  const folded = fold(nodes, (group) => group !== 'raw', true)
  expect(folded.items.map(({ id, cluster }) => [id, cluster])).toEqual([
    [groupId('raw'), -1],
    ['d', 0],
    ['e', 1],
  ])
  expect(folded.items[0]).toMatchObject({
    count: 3,
    looks: [
      ['fresh', 2],
      ['stale', 1],
    ],
  })
  expect([[...folded.edges], [...folded.weights]]).toEqual([
    [0, 1, 1, 2],
    [2, 1],
  ])
  expect(folded.clusters.map(({ group }) => group)).toEqual(['marts', null])
  const open = fold(nodes, () => true, false)
  expect([open.items.length, open.clusters.length, open.edges.length]).toEqual([5, 0, 10])
})
