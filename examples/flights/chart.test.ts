import { expect, test } from 'vitest'
import { lineChart } from './chart.ts'

test('a chart has its points in its frame, its months and a safe title', () => {
  const svg = lineChart('a < b & c', [
    { label: '2001-01-01', value: -3 },
    { label: '2001-01-02', value: 12 },
    { label: '2001-02-01', value: 4 },
  ])
  const points = /points="([^"]+)"/
    .exec(svg)![1]!
    .split(' ')
    .map((point) => point.split(',').map(Number))
  expect(points.map(([x]) => x)).toEqual([44, 464, 884])
  const [low, high, middle] = points.map(([, y]) => y!) as [number, number, number]
  expect(high < middle && middle < low && high >= 40 && low <= 288).toBe(true)
  expect(svg).toContain('<title>a &lt; b &amp; c</title>')
  expect(svg).toContain('>2001-02</text>')
})
