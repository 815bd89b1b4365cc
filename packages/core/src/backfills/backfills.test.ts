import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AnyAsset, asset } from '../assets/asset.ts'
import { self } from '../assets/edges.ts'
import { collect } from '../definitions/collect.ts'
import { snapshotOf } from '../definitions/snapshot.ts'
import { resolveEdge } from '../partitions/at.ts'
import { domainOf, keysIn } from '../partitions/domain.ts'
import { daily, grid, hourly, oneOf } from '../partitions/kinds.ts'
import { parseSet } from '../partitions/range.ts'
import { countOf, difference, intersection, none, type Spans, union } from '../partitions/spans.ts'
import type { BackfillPlan, BackfillPolicy, BackfillProgress } from './backfill.ts'
import { countChunks } from './chunks.ts'
import { sizeOfPlan, timeLeft } from './estimate.ts'
import { domainOfPart, type NextRun, nextRuns } from './next.ts'
import { backfillParts } from './parts.ts'

const now = Date.parse('2026-01-11T00:30:00Z')
const at = { now: Temporal.Instant.fromEpochMilliseconds(now), dynamic: {} }
const days = daily({ start: '2026-01-01' })
const regions = oneOf(['eu', 'us'])
const both = grid({ day: days, region: regions })
const run = () => 1
const cells = asset('cells', { partitions: both }, run)

function planOf(
  assets: readonly AnyAsset[],
  policy: BackfillPolicy = { keys: 1 },
  ranges: Record<string, string> = {},
) {
  const { assets: known } = snapshotOf(collect(assets))
  const sets = new Map(
    known
      .filter(({ runnable }) => runnable)
      .map(({ name, partitions }) => {
        const text = ranges[name] ?? ranges['*']
        const all = domainOf(partitions, at).all
        return [name, text === undefined || !partitions ? all : parseSet(partitions, text, at)] as const
      }),
  )
  const parts = backfillParts(known, sets).map((part) => ({
    ...part,
    assets: part.assets.map(({ name }) => name),
    terms: null,
    owners: [],
    steps: 1,
    expected: null,
  }))
  const base = { target: '*', partitions: 'all', concurrency: null, job: null, tags: {}, at: { now, dynamic: {} } }
  return { plan: { ...base, policy, parts } satisfies BackfillPlan, known }
}

const start = ({ parts }: BackfillPlan): BackfillProgress => ({
  parts: parts.map(() => ({ asked: none, done: none, failed: none, slices: 0, busy: 0 })),
  open: [],
  runs: 0,
  covered: 0,
  lastEnd: 0,
})

function change(progress: BackfillProgress, { part, set }: NextRun, to: 'asked' | 'done' | 'failed'): BackfillProgress {
  const parts = progress.parts.map((one, n) => (n === part ? { ...one, [to]: union(one[to], set) } : one))
  return { ...progress, parts }
}

const namesOf = ({ parts }: BackfillPlan) => parts.map(({ assets }) => assets.join('+'))
const keysOfRun = (plan: BackfillPlan, { part, set }: NextRun) => [
  ...keysIn(domainOfPart(plan, plan.parts[part]!), set),
]

describe('child and parent in one run', () => {
  const a = asset('a', { partitions: days }, run)
  const b = asset('b', { partitions: days, inputs: { a } }, run)
  const side = asset('side', { partitions: days, inputs: { a } }, run)
  test.each<[string, AnyAsset[], string[]]>([
    ['a chain', [a, b, asset('c', { partitions: days, inputs: { b } }, run)], ['a+b+c']],
    ['a diamond', [a, b, side, asset('d', { partitions: days, deps: [b, side] }, run)], ['a+b+side+d']],
    ['two that are not connected', [a, asset('c', { partitions: days }, run)], ['a', 'c']],
    ['another key is needed', [a, asset('c', { partitions: days, inputs: { a: a.at(-1) } }, run)], ['a', 'c']],
    ['other slices', [a, asset('c', { inputs: { a } }, run)], ['a', 'c']],
    ['other pools', [a, asset('c', { partitions: days, pool: 'heavy', inputs: { a } }, run)], ['a', 'c']],
    [
      'its own slices',
      [a, asset('c', { partitions: days, inputs: { a, me: self<number>().at(-1) } }, run)],
      ['a', 'c'],
    ],
    ['a grid', [cells, asset('more', { partitions: both, deps: [cells] }, run)], ['cells+more']],
  ])('%s', (_, assets, expected) => expect(namesOf(planOf(assets).plan).toSorted()).toEqual(expected))

  test('not where a part would need itself through a third', () => {
    const total = asset('total', { inputs: { a } }, run)
    const c = asset('c', { partitions: days, inputs: { a, total } }, run)
    expect(namesOf(planOf([a, total, c]).plan)).toEqual(['a', 'total', 'c'])
  })
  test('not where one of them has other slices to make', () => {
    expect(namesOf(planOf([a, b], { keys: 1 }, { a: '2026-01-01..2026-01-03', b: '2026-01-02' }).plan)).toEqual([
      'a',
      'b',
    ])
  })
})

describe('what one run makes', () => {
  const one = asset('one', { partitions: days }, run)
  const chunks = (assets: AnyAsset[], policy: BackfillPolicy, text: string) => {
    const { plan } = planOf(assets, policy, { '*': text })
    const runs = nextRuns(plan, start(plan), 100)
    expect(countChunks(policy, domainOfPart(plan, plan.parts[0]!), plan.parts[0]!.set)).toBe(runs.length)
    return runs.map((next) =>
      keysOfRun(plan, next)
        .map((key) => key!.replaceAll('2026-01-', ''))
        .join(' '),
    )
  }
  const gap = '2026-01-01..2026-01-05,2026-01-08..2026-01-10'
  // [X] Dagster: multi_run(3) over 1 to 5 and 8 to 10; single_run splits at the gap, too.
  test.each<[BackfillPolicy, string[]]>([
    [{ keys: 1 }, ['01', '02', '03', '04', '05', '08', '09', '10']],
    [{ keys: 3 }, ['01 02 03', '04 05', '08 09 10']],
    [{ keys: 'all' }, ['01 02 03 04 05', '08 09 10']],
  ])('%j', (policy, expected) => expect(chunks([one], policy, gap)).toEqual(expected))

  const corner = '2026-01-01..2026-01-03|*'
  test.each<[BackfillPolicy, string[]]>([
    [{ by: 'region' }, ['01|eu 02|eu 03|eu', '01|us 02|us 03|us']],
    [{ by: 'day' }, ['01|eu 01|us', '02|eu 02|us', '03|eu 03|us']],
    [{ keys: 2 }, ['01|eu 02|eu', '01|us 02|us', '03|eu', '03|us']],
    [{ keys: 'all' }, ['01|eu 01|us 02|eu 02|us 03|eu 03|us']],
  ])('of a grid: %j', (policy, expected) => expect(chunks([cells], policy, corner)).toEqual(expected))
})

/** Makes everything, in any order that the plan allows; each run when what it needs is there, each slice once. */
function makeAll(
  { plan, known }: ReturnType<typeof planOf>,
  pick: (open: number) => number,
  fails: (made: string) => boolean = () => false,
) {
  let progress = start(plan)
  const made = new Map<string, Set<string>>()
  const open: NextRun[] = []
  for (;;) {
    const next = nextRuns(plan, { ...progress, open: open.map(String) }, 3)
    for (const one of next) {
      open.push(one)
      progress = change(progress, one, 'asked')
    }
    const [ended] = open.splice(pick(open.length), 1)
    if (!ended) return { progress, made }
    const names = plan.parts[ended.part]!.assets
    const keys = keysOfRun(plan, ended)
    if (keys.some((key) => fails(`${names.join('+')} ${key}`))) {
      progress = change(progress, ended, 'failed')
      continue
    }
    for (const name of names) {
      const own = made.get(name) ?? new Set()
      made.set(name, own)
      for (const key of keys) {
        expect(own.has(String(key)), `${name} ${key} is made once`).toBe(false)
        own.add(String(key))
      }
    }
    for (const name of names) for (const key of keys) expectNeeds(known, plan, name, key, made)
    progress = change(progress, ended, 'done')
  }
}

function expectNeeds(
  known: ReturnType<typeof planOf>['known'],
  plan: BackfillPlan,
  name: string,
  key: string | null,
  made: ReadonlyMap<string, ReadonlySet<string>>,
) {
  const down = known.find((one) => one.name === name)!
  for (const { asset: up, at: which, optional } of down.edges) {
    const above = known.find((one) => one.name === up)!
    const part = plan.parts.find(({ assets }) => assets.includes(up))
    if (!part || optional) continue
    const needed = resolveEdge({ up: above.partitions, down: down.partitions, at: which, key, keysAt: at })
    const inside = new Set(keysIn(domainOfPart(plan, part), part.set))
    for (const one of needed.keys)
      if (inside.has(one)) expect(made.get(up)?.has(String(one)), `${name} ${key} needs ${up} ${one}`).toBe(true)
  }
}

const eighth = daily({ start: '2026-01-08' })
const hours = hourly({ start: '2026-01-08' })
const raw = asset('raw', { partitions: hours }, run)
const day = asset('day', { partitions: eighth, inputs: { raw } }, run)
const trend = asset('trend', { partitions: eighth, inputs: { day, before: self<number>().at(-1) } }, run)
const cell = asset('cell', { partitions: both }, run)
const running = asset(
  'running',
  { partitions: both, inputs: { cell, me: self<number>().at({ dims: { day: -1 } }) } },
  run,
)
const perRegion = asset('per region', { partitions: regions, inputs: { running } }, run)
const total = asset('total', { inputs: { perRegion, trend } }, run)

test('whatever the graph, the policy and the order of ends: all is made, once, after what it needs', () => {
  const graphs = [
    [raw, day, trend],
    [cell, running, perRegion],
    [raw, day, trend, cell, running, perRegion, total],
  ]
  const policies: BackfillPolicy[] = [{ keys: 1 }, { keys: 3 }, { keys: 'all' }, { by: 'region' }, { by: 'day' }]
  fc.assert(
    fc.property(
      fc.constantFrom(...graphs),
      fc.constantFrom(...policies),
      fc.infiniteStream(fc.nat()),
      (graph, policy, random) => {
        const planned = planOf(graph, policy)
        const { progress } = makeAll(planned, (open) => random.next().value! % Math.max(1, open))
        for (const [n, part] of planned.plan.parts.entries())
          expect(countOf(difference(part.set, progress.parts[n]!.done)), `${part.assets}`).toBe(0)
      },
    ),
    { numRuns: 40 },
  )
})

test('a failure holds back what needs it, and nothing else', () => {
  const planned = planOf([raw, day, trend])
  const { made } = makeAll(
    planned,
    () => 0,
    (what) => what === 'raw 2026-01-09-05:00',
  )
  expect([made.get('raw')!.size, [...made.get('day')!], [...made.get('trend')!]]).toEqual([
    71,
    ['2026-01-08', '2026-01-10'],
    ['2026-01-08'],
  ])
})

test('of a run of many keys those that cannot be made any more are left out, the others are made', () => {
  const { made } = makeAll(
    planOf([raw, day], { keys: 24 }),
    () => 0,
    (what) => what === 'raw 2026-01-09-00:00',
  )
  expect([made.get('raw')!.size, [...made.get('day')!]]).toEqual([48, ['2026-01-08', '2026-01-10']])
})

test('an optional edge waits for what may come, and not for what failed or is held back', () => {
  const root = asset('root', { partitions: hours }, run)
  const first = asset('first', { partitions: eighth, inputs: { root } }, run)
  const second = asset('second', { partitions: eighth, inputs: { first: first.at(-1).optional() } }, run)
  const third = asset('third', { inputs: { second } }, run)
  const planned = planOf([root, first, second, third])
  const size = (made: ReadonlyMap<string, ReadonlySet<string>>, name: string) => made.get(name)?.size ?? 0
  const after = (failing: string) => {
    const { made } = makeAll(
      planned,
      () => 0,
      (what) => what === failing,
    )
    return ['root', 'first', 'second', 'third'].map((name) => size(made, name))
  }
  expect(after('nothing')).toEqual([72, 3, 3, 1])
  expect(after('first 2026-01-08')).toEqual([72, 2, 3, 1])
  expect(after('root 2026-01-08-05:00')).toEqual([71, 2, 3, 1])
  expect(after('second 2026-01-08')).toEqual([72, 3, 2, 0])
})

test('a view in between is waited through', () => {
  const view = asset('view', { partitions: hours, virtual: true, inputs: { raw } }, run)
  const below = asset('below', { partitions: eighth, deps: [view] }, run)
  const { plan } = planOf([raw, view, below])
  expect(namesOf(plan)).toEqual(['raw', '', 'below'])
  const all = nextRuns(plan, start(plan), 1000)
  expect(all.every(({ part }) => part === 0)).toBe(true)
  const partial = all.slice(0, 24).reduce((sum, one) => change(change(sum, one, 'asked'), one, 'done'), start(plan))
  const ready = nextRuns(plan, partial, 1000).filter(({ part }) => part === 2)
  expect(ready.map((next) => keysOfRun(plan, next))).toEqual([['2026-01-08']])
})

test('a million slices are planned, counted and gone on with as quickly as ten', () => {
  const long = hourly({ start: '1900-01-01' })
  const a = asset('a', { partitions: long }, run)
  const b = asset('b', { partitions: daily({ start: '1900-01-01' }), inputs: { a } }, run)
  const { plan } = planOf([a, b])
  const { set } = plan.parts[0]!
  expect(sizeOfPlan(plan)).toEqual({
    slices: countOf(set) + countOf(plan.parts[1]!.set),
    runs: countOf(set) + countOf(plan.parts[1]!.set),
    waves: 2,
  })
  const half = intersection(set, [{ from: 0, to: 500_000, rest: true }] satisfies Spans)
  const progress = change(change(start(plan), { part: 0, set: half }, 'asked'), { part: 0, set: half }, 'done')
  expect(nextRuns(plan, progress, 5).map(({ set: one }) => JSON.stringify(one))).toHaveLength(5)
  expect(JSON.stringify({ plan, progress }).length).toBeLessThan(3_000)
})

test('waves are the longest chain; time left follows what slices took', () => {
  expect(sizeOfPlan(planOf([raw, day, trend]).plan)).toEqual({ slices: 72 + 3 + 3, runs: 78, waves: 5 })
  const { plan } = planOf([asset('a', { partitions: days }, run)])
  expect(timeLeft({ plan, progress: start(plan) }, 2)).toBeNull()
  const [first] = nextRuns(plan, start(plan), 1)
  const tenth = change(change(start(plan), first!, 'asked'), first!, 'done')
  const parts = tenth.parts.map((one) => ({ ...one, slices: 1, busy: 4000 }))
  expect(timeLeft({ plan, progress: { ...tenth, parts, covered: 2000 } }, 1)).toBe((9 * 4000) / 2)
})
