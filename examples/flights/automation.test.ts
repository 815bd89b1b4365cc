import { watchConditions } from 'sluice/testing'
import { expect, test } from 'vitest'
import { airportTotals, backtest, dayTotals, rejected, report, routeRanking } from './pipeline.ts'

test('the page is made when all that it is made from is there, and again when some of it is another', async () => {
  await using its = await watchConditions([report])
  for (const asset of [dayTotals, airportTotals, routeRanking, rejected]) await its.make(asset)
  const early = await its.look()
  expect(early.runs).toEqual([])
  expect(early.why(report)).toContain('  ✗ something that it is made from is missing')
  await its.make(backtest)
  const [run] = (await its.look()).runs
  expect(run).toMatchObject({ assets: ['report'] })
  await its.succeed(run!)
  expect((await its.look()).runs).toEqual([])
  its.pass('1d')
  await its.make(routeRanking)
  expect((await its.look()).runs).toMatchObject([{ assets: ['report'] }])
})
