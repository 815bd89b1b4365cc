import { type Schema, collect, flow, job, snapshotOf, task } from '@sluice/core'
import { type } from 'arktype'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { checkParams } from './check-params.ts'

const zod = z.object({
  pages: z.number().int().min(1),
  region: z.enum(['eu', 'us']).default('eu'),
  options: z.object({ deep: z.boolean() }).optional(),
})
const ark = type({ pages: 'number >= 1', 'region?': "'eu' | 'us'" })
const known = (params: Schema) => {
  const scrape = flow('scrape', { params }, () => 1)
  const inner = job('inner', { target: scrape, params: { pages: 3 } as never })
  const few = job('few', { target: inner as never, params: { region: 'us' } as never })
  const { flows, jobs } = snapshotOf(collect([scrape, few, inner]))
  return (params?: unknown, name: string | null = null) =>
    checkParams(
      { kind: 'flow', name: 'scrape', job: jobs.find((one) => one.name === name) ?? null, definition: flows[0] },
      params,
    )
}

describe.each([
  ['Zod', zod],
  ['ArkType', ark],
])('params by the JSON Schema of %s, without the code', (_, schema) => {
  const check = known(schema as Schema)

  test('what fits is taken as it was given', () => {
    expect(check({ pages: 2 })).toBe('{"pages":2}')
    expect(check({ pages: 2, region: 'us' })).toBe('{"pages":2,"region":"us"}')
  })

  test.each([
    [{}, 'PARAMS_INVALID', 'pages'],
    [undefined, 'PARAMS_INVALID', 'pages'],
    [{ pages: 'many' }, 'PARAMS_INVALID', 'pages'],
    [{ pages: 0 }, 'PARAMS_INVALID', 'pages'],
    [{ pages: 1, region: 'mars' }, 'PARAMS_INVALID', 'region'],
    [[1], 'PARAMS_INVALID', 'object'],
    ['text', 'PARAMS_INVALID', 'object'],
    [null, 'PARAMS_INVALID', 'object'],
  ])('%j is refused', (params, code, says) => {
    expect(() => check(params)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(says) }))
  })

  test('what jobs give is there, and what was given goes before it', () => {
    expect(check(undefined, 'few')).toBe('{"pages":3,"region":"us"}')
    expect(check({ pages: 9 }, 'few')).toBe('{"pages":9,"region":"us"}')
  })
})

test('a name that the flow does not know is refused, as the code would', () => {
  expect(() => known(zod)({ pages: 1, page: 2 })).toThrow(expect.objectContaining({ code: 'PARAMS_UNKNOWN' }))
  expect(known(z.looseObject({ pages: z.number() }))({ pages: 1, page: 2 })).toBe('{"pages":1,"page":2}')
  const definition = snapshotOf(collect([flow('bare', () => 1)])).flows[0]
  const bare = { kind: 'flow', name: 'bare', job: null, definition } as const
  expect(checkParams(bare, undefined)).toBeNull()
  const refused = { code: 'PARAMS_UNKNOWN', hint: expect.stringContaining('declare them') }
  expect(() => checkParams(bare, { a: 1 })).toThrow(expect.objectContaining(refused))
})

test('what JSON Schema has no word for is left to the code', () => {
  expect(known(z.object({ pages: z.number(), at: z.date() }))({ pages: 'x' })).toBe('{"pages":"x"}')
})

test('of a task they are a list', () => {
  const definition = snapshotOf(collect([task('resize', (size: number) => size)])).tasks[0]
  const resize = { kind: 'task', name: 'resize', job: null, definition } as const
  expect([checkParams(resize, [7]), checkParams(resize, undefined)]).toEqual(['[7]', null])
  expect(() => checkParams(resize, { size: 7 })).toThrow(expect.objectContaining({ code: 'PARAMS_INVALID' }))
})
