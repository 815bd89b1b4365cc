import { expect, test } from 'vitest'
import { asset, external } from '../assets/asset.ts'
import { collect } from '../definitions/collect.ts'
import { snapshotOf } from '../definitions/snapshot.ts'
import { type ConditionSpec, when } from './condition.ts'
import { eager, onCron } from './ready.ts'

const refusal = (condition: unknown) => {
  try {
    collect([asset('raw/orders', {}, () => 1), asset('sales', { condition: condition as ConditionSpec }, () => 1)])
  } catch (error) {
    const { code, message, hint } = error as { code: string; message: string; hint?: string }
    return `${code} ${message} ${hint ?? ''}`
  }
  return null
}

test('what can be evaluated is taken', () => {
  expect(refusal(eager({ retry: { max: 2, delay: '5m' } }))).toBeNull()
  expect(refusal(onCron('0 6 * * *', { timeZone: 'Europe/Madrid' }))).toBeNull()
  expect(refusal(when.assetMatches('raw/orders', when.newlyUpdated()))).toBeNull()
  expect(refusal(when.anyDownstreamConditions().or(when.custom('open', {}, () => true)))).toBeNull()
})

test.each([
  ['a function', eager, 'DEFINITION_INVALID Asset "sales": its condition: this is no condition: a function.'],
  ['an operator that is not there', { op: 'always' }, 'there is no "always"'],
  ['a cron expression', onCron('0 25 * * *'), 'CRON_INVALID Asset "sales": its condition, at and[1].trigger: '],
  ['a time zone', onCron('0 2 * * *', { timeZone: 'Mars/Base' }), 'Mars/Base'],
  ['a selection', eager().ignore('key:('), 'SELECTION_INVALID Asset "sales": its condition, at and[1].trigger.or[1]: '],
  [
    'an asset',
    when.not(when.assetMatches('raw/order', when.missing())),
    'at not: there is no asset "raw/order". Did you mean raw/orders?',
  ],
  ['a retry', eager({ retry: { max: 0 } }), 'max of a retry is a whole number from 1 on'],
  ['code that is asked too often', when.custom('open', { every: '10ms' }, () => true), '"open" is asked too often'],
  [
    'two of one name',
    when.any(
      when.custom('x', {}, () => true),
      when.custom('x', {}, () => false),
    ),
    'two conditions are called "x"',
  ],
  ['no parts', when.all(), '"and" has no parts'],
])('%s that cannot work is refused, with its place', (_, condition, message) => {
  expect(refusal(condition)).toContain(message)
})

test('what nothing here makes needs no condition', () => {
  const seen = external('files', { condition: eager() })
  expect(() => collect([seen])).toThrow('Asset "files" has a condition, but nothing to make')
  const view = asset('view', { virtual: true, condition: eager() }, () => 1)
  expect(() => collect([view])).toThrow('it holds no data')
  expect(collect([external('files', { condition: eager(), observe: () => ({}) })]).assets.size).toBe(1)
})

test('a snapshot has the condition without its functions', () => {
  const open = when.custom('open', { every: '5m' }, () => true).and(when.missing())
  const checked = asset('sales', { condition: open }, () => 1).checks({
    fine: { condition: onCron('@daily'), run: () => ({ passed: true }) },
  })
  const [{ condition, checks } = expect.fail()] = snapshotOf(collect([checked])).assets
  expect(structuredClone(condition)).toEqual({
    op: 'and',
    of: [{ op: 'custom', name: 'open', every: 300_000 }, { op: 'missing' }],
  })
  expect(checks[0]!.condition).toMatchObject({ label: 'onCron(@daily, UTC)' })
})
