import { expect, test } from 'vitest'
import { campaign } from './campaign.ts'
import { scenarios } from './scenarios.ts'

test('a hundred deaths at random moments: nothing runs twice, nothing is lost', { timeout: 900_000 }, async () => {
  const result = await campaign({ kills: 100, seed: 1 })
  expect(result.failed).toEqual([])
  expect(result.kills).toBeGreaterThanOrEqual(100)
  expect(result.runs).toBeGreaterThanOrEqual(scenarios.length)
})
