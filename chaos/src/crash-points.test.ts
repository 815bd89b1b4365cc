import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { campaign } from './campaign.ts'
import { plansOf, points } from './crash-points.ts'
import { checkout } from './program.ts'

test('every named instant of the source is hit three times at least', () => {
  const named = new Set<string>()
  for (const name of ['engine', 'storage']) {
    const root = join(checkout, 'packages', name, 'src')
    for (const file of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts')) continue
      for (const [, point] of readFileSync(join(root, file), 'utf8').matchAll(/crashPoint\('([\w-]+)'\)/g))
        named.add(point!)
    }
  }
  const times = (name: string): number =>
    points.filter((point) => point.name === name).reduce((sum, point) => sum + point.times.length, 0)
  expect([...named].filter((name) => name !== 'run-adopted' && times(name) < 3)).toEqual([])
  expect(points.filter(({ name }) => !named.has(name))).toEqual([])
})

test('a death at each of them: nothing runs twice, nothing is lost', { timeout: 240_000 }, async () => {
  const plans = plansOf()
  const result = await campaign({ kills: 0, seed: 1, plans })
  expect(result.failed).toEqual([])
  expect(result.kills).toBe(plans.reduce((sum, { blows }) => sum + blows.length, 0))
})
