import { describe, expect, test } from 'vitest'
import { sets } from '../index.ts'
import type { Spans } from '../partitions/spans.ts'
import { type ConditionSpec, when } from './condition.ts'
import type { Facts } from './facts.ts'
import { type ConditionAsset, type Entity, conditionGraph } from './graph.ts'
import { eager, onCron, onMissing } from './ready.ts'
import type { TickState } from './state.ts'
import { evaluateConditions } from './tick.ts'
import { type Trace, explain, recordOfTrace } from './trace.ts'

const minute = 60_000
const start = Date.parse('2026-01-01T00:00:00Z')
const whole = (is: boolean): Spans => (is ? true : sets.none)

interface Happened {
  readonly made?: readonly string[]
  readonly running?: readonly string[]
  /** What was made since the tick before: when, and when its run began. */
  readonly updates?: Readonly<Record<string, { readonly at: number; readonly began?: number }>>
  readonly failures?: Readonly<Record<string, { readonly at: number; readonly count: number }>>
}

/** `b` is made from `a`; a tick at a minute, with what happened. */
function watching(condition: ConditionSpec, { alone = false } = {}) {
  const own = (name: string, from: readonly string[], more: Partial<ConditionAsset> = {}): ConditionAsset => ({
    name,
    upstream: from,
    edges: from.map((asset) => ({ asset })),
    partitions: null,
    ...more,
  })
  const graph = conditionGraph([own('a', []), own('b', alone ? [] : ['a'], { condition })])
  let before: TickState | null = null
  return (at: number, { made = [], running = [], updates = {}, failures = {} }: Happened = {}) => {
    const facts: Facts = {
      materialized: ({ id }) => whole(made.includes(id)),
      runInProgress: ({ id }) => whole(running.includes(id)),
      backfillInProgress: () => sets.none,
      executionFailed: ({ id }) => whole(id in failures),
      updates({ id }) {
        const one = updates[id]
        return one ? [{ at: start + one.at * minute, began: start + (one.began ?? one.at) * minute, set: true }] : []
      },
      dataChanged: () => sets.none,
      latestRun: () => null,
      check: () => null,
      freshness: () => null,
      failures: ({ id }) =>
        failures[id] ? [{ ...failures[id], at: start + failures[id].at * minute, set: true }] : [],
      custom: () => sets.none,
    }
    const keysAt = { now: Temporal.Instant.fromEpochMilliseconds(start + at * minute), dynamic: {} }
    const traces = new Map<string, Trace>()
    const found = ({ id }: Entity, _: unknown, because: () => Trace) => traces.set(id, because()).has(id)
    const result = evaluateConditions({ graph, keysAt, facts, before, found })
    before = result.state
    const [b] = [graph.entities.get('b')!]
    const lines = explain(recordOfTrace(traces.get('b')!), { graph, keysAt, entity: b, partition: null })
    const signs = { true: '✓', false: '✗', unasked: '·' }
    const why = lines.map(({ depth, answer, text }) => `${'  '.repeat(depth)}${signs[answer]} ${text}`)
    return { isRequested: result.requested.has(b), why }
  }
}

describe('the ready-made conditions, mended', () => {
  test('what is missing at the first tick is requested, once', () => {
    for (const condition of [eager(), onMissing()]) {
      const tick = watching(condition)
      expect(tick(0, { made: ['a'] }).isRequested).toBe(true)
      expect(tick(1, { made: ['a'] }).isRequested).toBe(false)
    }
    expect(watching(eager())(0).isRequested).toBe(false)
  })

  test('an update while a request is under way is not lost', () => {
    const tick = watching(eager())
    const made = ['a', 'b']
    tick(0, { made })
    expect(tick(1, { made, updates: { a: { at: 1 } } }).isRequested).toBe(true)
    expect(tick(3, { made, running: ['b'], updates: { a: { at: 3 } } }).isRequested).toBe(false)
    // The run began before that update, and did not see it.
    expect(tick(4, { made, updates: { b: { at: 4, began: 2 } } }).isRequested).toBe(true)
    expect(tick(6, { made, updates: { b: { at: 6, began: 5 } } }).isRequested).toBe(false)
    expect(tick(7, { made }).isRequested).toBe(false)
  })

  test('what was missing when it was first looked at is made by a run that had begun before', () => {
    const tick = watching(eager())
    expect(tick(1, { made: ['a'], running: ['b'] }).isRequested).toBe(false)
    expect(tick(2, { made: ['a', 'b'], updates: { b: { at: 2, began: 0 } } }).isRequested).toBe(false)
    expect(tick(3, { made: ['a', 'b'] }).isRequested).toBe(false)
  })

  test('a request that failed is made again after its delay, so many times', () => {
    const tick = watching(eager({ retry: { max: 2, delay: '10m' } }))
    const made = ['a']
    expect(tick(0, { made }).isRequested).toBe(true)
    const failed = (at: number, count: number): Happened => ({ made, failures: { b: { at, count } } })
    expect(tick(5, failed(5, 1)).isRequested).toBe(false)
    expect(tick(15, failed(5, 1)).isRequested).toBe(true)
    expect(tick(20, failed(20, 2)).isRequested).toBe(false)
    // Twice the delay.
    expect(tick(31, failed(20, 2)).isRequested).toBe(false)
    expect(tick(41, failed(20, 2)).isRequested).toBe(true)
    expect(tick(90, failed(45, 3)).isRequested).toBe(false)
    const never = watching(eager())
    never(0, { made })
    expect(never(15, failed(5, 1)).isRequested).toBe(false)
  })

  test('onCron waits for what it is made from after the tick', () => {
    const tick = watching(onCron('0 * * * *'))
    const made = ['a', 'b']
    tick(50, { made })
    expect(tick(61, { made }).isRequested).toBe(false)
    expect(tick(70, { made, updates: { a: { at: 69 } } }).isRequested).toBe(true)
    expect(tick(80, { made, updates: { a: { at: 79 } } }).isRequested).toBe(false)
  })
})

test('a tree says what was true, what was not, and what was not asked', () => {
  const tick = watching(eager())
  tick(0, { made: ['a', 'b'] })
  const { why } = tick(1, { running: ['a'], made: ['b'], updates: {} })
  expect(why).toEqual(
    expect.arrayContaining([
      '✗ eager: not all of these hold',
      '  ✓ it is not sliced by the clock',
      '  ✗ there is nothing new',
    ]),
  )
  expect(why.some((line) => line.startsWith('  · '))).toBe(true)
})

describe('conditions are put together', () => {
  test('parts are left out and replaced by label, operator or equality', () => {
    const both = when.missing().and(when.inProgress().not(), when.executionFailed())
    expect(JSON.parse(JSON.stringify(both.without(when.executionFailed())))).toEqual(
      JSON.parse(JSON.stringify(when.missing().and(when.inProgress().not()))),
    )
    expect(() => both.without(when.checkFailed())).toThrow(expect.objectContaining({ code: 'DEFINITION_INVALID' }))
    const replaced = eager().replace('anyDepsMissing', when.checkFailed())
    expect(JSON.stringify(replaced)).not.toContain('anyDepsMissing')
    expect(JSON.stringify(replaced)).toContain('checkFailed')
  })

  test('deps are allowed and ignored, wherever they are asked about', () => {
    const made = when.anyDepsMatch(when.newlyUpdated())
    const [all, none, other] = [made, made.ignore('key:a'), made.allow('key:x')].map((one) => watching(one))
    for (const tick of [all!, none!, other!]) tick(0, { made: ['a', 'b'] })
    const update = { made: ['a', 'b'], updates: { a: { at: 1 } } }
    expect([all!, none!, other!].map((tick) => tick(1, update).isRequested)).toEqual([true, false, false])
    expect(when.anyDepsMatch(when.missing(), { ignore: 'key:a' })).toMatchObject({ ignored: 'key:a' })
  })

  test('of an asset without deps, all of them match and none does', () => {
    expect(watching(when.allDepsMatch(when.missing()), { alone: true })(0).isRequested).toBe(true)
    expect(watching(when.anyDepsMatch(when.missing()), { alone: true })(0).isRequested).toBe(false)
  })
})

test('a denial is said in the words of what it denies, and what was not asked says no more', () => {
  const tick = watching(when.missing().not().and(when.anyDepsMissing().not()))
  const { why } = tick(0, { made: ['b'] })
  expect(why.slice(0, 3)).toEqual([
    '✗ not all of these hold',
    '  ✓ it was made',
    '  ✗ something that it is made from is missing',
  ])
  expect(tick(1, { made: [] }).why).toEqual([
    '✗ not all of these hold',
    '  ✗ it is missing',
    '  · not asked whether nothing that it is made from is missing',
  ])
})
