import { describe, expect, test } from 'vitest'
import { flow } from '../flows/flow.ts'
import { job } from '../jobs/job.ts'
import { runLimitsOf } from '../jobs/resolve.ts'
import { limit } from '../limits/limit.ts'
import { bytesOf } from '../values/size.ts'
import { mergeTerms, termsOf, termsTogether } from './terms.ts'

const vendor = limit('vendor', { atOnce: 2 })
const claim = { name: 'vendor', key: null, options: { atOnce: 2 } }

test('options become plain data', () => {
  const options = { maxDuration: '2h', memory: '1.5 GB', delay: '5s', limit: [vendor, vendor] } as const
  expect(termsOf(options, true)).toEqual({
    maxDuration: 7_200_000,
    memory: 1_610_612_736,
    delay: 5000,
    limits: [claim],
  })
  expect(termsOf(options, false)).not.toHaveProperty('limits')
  expect(termsOf({ runRetries: 2 }, true)).toEqual({ runRetries: { max: 2 } })
  expect(termsOf({ limit: () => vendor }, true)).toEqual({ limitsByParams: true })
})

test.each(['1GB', '1 TB', '-1 GB', 'much'])('%s is no size', (text) => {
  expect(() => bytesOf(text as never)).toThrow(expect.objectContaining({ code: 'DEFINITION_INVALID' }))
})

test('what cannot work is refused where it is defined', () => {
  expect(() => flow('f', { maxResumes: -1 }, () => 1)).toThrow(/Flow "f": maxResumes/)
  expect(() => job('j', { target: '*', pool: '' })).toThrow(/Job "j": pool is empty/)
  expect(() => flow('f', { runRetries: 1.5 }, () => 1)).toThrow(/Flow "f": runRetries must be a whole number/)
  expect(() => job('j', { target: '*', runRetries: { max: 1, backoff: 'linear' } })).toThrow(/backoff needs a delay/)
  expect(() => job('j', { target: '*', runRetries: { max: 1, delay: '1 s' as never } })).toThrow(/1 s/)
  expect(() => job('j', { target: '*', runRetries: { max: 1, from: 'here' as never } })).toThrow(/runRetries.from/)
  expect(() => job('j', { target: '*', runRetries: { max: 1, if: () => true } as never })).toThrow(/takes no if/)
  expect(() => flow('f', { env: { 'A B': '1' } }, () => 1)).toThrow(/Flow "f": env.A B is not/)
  expect(() => flow('f', { env: { A: 1 as never } }, () => 1)).toThrow(/Flow "f": env.A is not/)
})

test('what is nearer counts; limits and owners of both, each once', () => {
  const near = { pool: 'heavy', limits: [claim], owners: ['a'], env: { A: 'near' } }
  const far = {
    pool: 'light',
    priority: 3,
    env: { A: 'far', B: 'far' },
    limits: [claim, { ...claim, key: 'eu' }],
    owners: ['a', 'b'],
  }
  expect(mergeTerms(near, far)).toEqual({
    pool: 'heavy',
    priority: 3,
    limits: [claim, { ...claim, key: 'eu' }],
    owners: ['a', 'b'],
    env: { A: 'near', B: 'far' },
  })
})

test('limits of a run: of its job, of the job behind it and of the flow, by the params', () => {
  const of = flow('of', { limit: (p: { id: string }) => vendor.per(p.id) } as never, () => 1)
  const inner = job('inner', { target: of as never, limit: vendor })
  const outer = job('outer', { target: inner as never, limit: limit('outer', { rate: '1/s' }) })
  expect(runLimitsOf(outer, { id: 'eu' }).map(({ name, key }) => [name, key])).toEqual([
    ['outer', null],
    ['vendor', null],
    ['vendor', 'eu'],
  ])
})

describe('assets together', () => {
  test('need what all of them need', () => {
    const most = { max: 3, delay: '1m' } as const
    const one = {
      pool: 'gpu',
      runRetries: { max: 1 },
      priority: 1,
      memory: 100,
      maxDuration: 5,
      onCodeChange: 'wait',
      owners: ['a'],
    } as const
    const two = { priority: 4, runRetries: most, memory: 300, onCodeChange: 'resume', owners: ['b'] } as const
    expect(termsTogether([one, two])).toEqual({
      pool: 'gpu',
      runRetries: most,
      priority: 4,
      memory: 300,
      onCodeChange: 'wait',
      owners: ['a', 'b'],
    })
  })
  test('that want different pools are refused', () => {
    expect(() => termsTogether([{ pool: 'a' }, { pool: 'b' }])).toThrow(expect.objectContaining({ code: 'CONFLICT' }))
  })
})
