import { expect, test } from 'vitest'
import { type HealthFacts, healthOf } from './health.ts'

const fine: HealthFacts = { isMade: true, failed: 0, checks: [], results: [], freshness: null }
const result = (passed: boolean | null, severity: 'warn' | 'error' = 'error', check = 'a') => ({
  check,
  passed,
  severity,
})

test.each<[string, Partial<HealthFacts>, object]>([
  ['made', {}, { health: 'healthy', materialization: 'healthy', checks: null, freshness: null }],
  ['never made', { isMade: false }, { health: 'unknown', materialization: 'unknown' }],
  ['never made, and late', { isMade: false, freshness: 'failed' }, { health: 'degraded' }],
  ['a slice failed', { failed: 1 }, { health: 'degraded', materialization: 'degraded' }],
  ['a check did not pass', { checks: ['a'], results: [result(false)] }, { health: 'degraded', checks: 'degraded' }],
  ['a warning did not', { checks: ['a'], results: [result(false, 'warn')] }, { health: 'warning', checks: 'warning' }],
  ['a check never ran', { checks: ['a', 'b'], results: [result(true)] }, { health: 'healthy', checks: 'unknown' }],
  ['a check had nothing to say', { checks: ['a'], results: [result(null)] }, { health: 'healthy', checks: 'unknown' }],
  ['all passed', { checks: ['a'], results: [result(true)] }, { health: 'healthy', checks: 'healthy' }],
  ['only others have a check', { results: [result(false)] }, { health: 'degraded' }],
  ['fresh', { freshness: 'passed' }, { health: 'healthy', freshness: 'healthy' }],
  ['nearly late', { freshness: 'warned' }, { health: 'warning', freshness: 'warning' }],
  ['late', { freshness: 'failed' }, { health: 'degraded', freshness: 'degraded' }],
  ['the worst counts', { freshness: 'warned', failed: 2 }, { health: 'degraded' }],
])('%s', (_, over, expected) => {
  expect(healthOf({ ...fine, ...over })).toMatchObject(expected)
})
