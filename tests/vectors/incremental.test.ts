import {
  type ConditionSpec,
  type KeysAt,
  type TickState,
  affected,
  conditionGraph,
  eager,
  evaluateConditions,
  keysIn,
  onCron,
  onMissing,
  recordOfState,
  stateOfRecord,
  when,
} from '@sluice/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { factsOf } from './facts.ts'
import type { Input } from './shapes.ts'
import { slicesOf } from './slices.ts'
import { type NodeCase, World } from './world.ts'

const conditions: readonly ConditionSpec[] = [
  eager(),
  eager({ retry: { max: 2, delay: '30m' } }),
  onMissing(),
  onCron('0 * * * *'),
  onCron('30 2 * * *', { timeZone: 'Europe/Madrid' }),
  when.missing(),
  when.missing().newlyTrue(),
  when.anyDownstreamConditions(),
  when.anyDepsMatch(when.newlyRequested()),
  when.executionFailed().and(when.inProgress().not()),
  when.newlyUpdated().since(when.cronTickPassed('0 */3 * * *')),
  when.anyDepsMatch(when.newlyUpdated().or(when.willBeRequested())).sinceLastHandled(),
  when.allDepsMatch(when.missing().not()).newlyTrue(),
  when.allDepsMatch(when.anyDepsMatch(when.newlyUpdated())),
  when.anyChecksMatch(when.checkFailed()).newlyTrue(),
  when.allDepsBlockingChecksPassed().newlyTrue(),
  when.codeVersionChanged().or(when.dataVersionChanged()).sinceLastHandled(),
  when.assetMatches('a0', when.newlyUpdated()),
  when.anyDepsMatch(when.retryDue({ max: 2, delay: '1h' })),
  when.inLatestTimeWindow('50h').and(when.missing(), when.newlyRequested().not()),
]

const partitions = fc.constantFrom(
  undefined,
  { type: 'static', keys: ['x', 'y'] },
  { type: 'dynamic', name: 'd' },
  { type: 'daily', start: '2024-01-30' },
)

const graphs = fc
  .array(
    fc.record({
      deps: fc.uniqueArray(fc.nat(5), { maxLength: 3 }),
      partitions,
      condition: fc.option(fc.constantFrom(...conditions), { nil: undefined, freq: 5 }),
      check: fc.boolean(),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((nodes): readonly NodeCase[] =>
    nodes.map(({ deps, check, partitions: given, condition }, n) => ({
      key: `a${n}`,
      deps: deps.filter((dep) => dep < n).map((dep) => `a${dep}`),
      code_version: '1',
      ...(given !== undefined && { partitions: given as never }),
      ...(condition && { condition }),
      ...(check && { checks: [{ name: 'c', blocking: true }] }),
    })),
  )

const key = fc.constantFrom('x', 'y', '2024-01-31', '2024-02-01')
const nth = fc.nat(5)
const happenings = fc.oneof(
  fc.record({ type: fc.constant('materialize'), asset: nth, partition: key }),
  fc.record({
    type: fc.constant('materialize'),
    assets: fc.uniqueArray(nth, { minLength: 1, maxLength: 3 }),
    partition: key,
  }),
  fc.record({ type: fc.constant('fail'), asset: nth, partition: key }),
  fc.record({ type: fc.constant('start_run'), run: fc.constantFrom('r', 's'), assets: fc.tuple(nth), partition: key }),
  fc.record({ type: fc.constant('finish_run'), run: fc.constantFrom('r', 's'), success: fc.boolean() }),
  fc.record({ type: fc.constant('report_materialization'), asset: nth, partition: key }),
  fc.record({ type: fc.constant('wipe'), asset: nth }),
  fc.record({ type: fc.constant('check_result'), asset: nth, check: fc.constant('c'), passed: fc.boolean() }),
  fc.record({ type: fc.constant('add_dynamic'), name: fc.constant('d'), keys: fc.uniqueArray(key, { maxLength: 2 }) }),
  fc.record({ type: fc.constant('delete_dynamic'), name: fc.constant('d'), keys: fc.tuple(key) }),
  fc.record({ type: fc.constant('materialize_requested') }),
  fc.record({
    type: fc.constant('update_asset'),
    asset: nth,
    set: fc.record({ code_version: fc.constantFrom('1', '2') }),
  }),
)
const timelines = fc.array(
  fc.record({ minutes: fc.constantFrom(0, 1, 20, 60, 300, 1500), events: fc.array(happenings, { maxLength: 3 }) }),
  { minLength: 2, maxLength: 10 },
)

/** An event with the names of assets in place of numbers; `null` where it is about what is not there. */
function eventOf(given: Input, world: World, names: readonly string[]): Input | null {
  const name = (n: unknown): string => names[(n as number) % names.length]!
  const event: Record<string, unknown> = { ...given }
  if (typeof given['asset'] === 'number') event['asset'] = name(given['asset'])
  if (given['assets']) event['assets'] = [...new Set((given['assets'] as number[]).map(name))]
  const assets = [event['assets'] ?? event['asset'] ?? []].flat() as string[]
  if (given['type'] === 'start_run' && world.runs.some(({ id }) => id === given['run'])) return null
  if (given['type'] === 'finish_run')
    return world.runs.some(({ id, state }) => id === given['run'] && state === 'running') ? event : null
  if (given['type'] === 'report_materialization' && !world.nodes.get(assets[0]!)?.partitions) event['partition'] = null
  return event
}

interface Ticked {
  readonly requested: Readonly<Record<string, readonly (string | null)[]>>
  readonly state: TickState
}

function tick(
  world: World,
  keysAt: KeysAt,
  { before, since }: { readonly before: TickState | null; readonly since: number },
  touched?: ReadonlySet<string>,
): Ticked & { readonly evaluated: number } {
  const graph = conditionGraph(world.assets((given) => given as ConditionSpec))
  const facts = factsOf(world, graph, keysAt, since, before?.at ?? null)
  const only = touched && affected(graph, before, keysAt, touched, facts.failures)
  const { requested, state, evaluated } = evaluateConditions({ graph, keysAt, facts, before, only })
  const keys = [...requested].map(
    ([entity, set]) => [entity.id, [...keysIn(graph.domain(entity, keysAt), set)]] as const,
  )
  return { requested: Object.fromEntries(keys), state, evaluated }
}

const ids = (world: World, asset: string): string[] => [asset, `check:${asset}:c`].filter(() => world.nodes.has(asset))

type Timeline = readonly { readonly minutes: number; readonly events: readonly Input[] }[]

/** Both ways must request the same at each tick, of which is told: what was requested, and ids of what something happened to. */
function expectSame(
  graph: readonly NodeCase[],
  timeline: Timeline,
  told: (requested: Ticked['requested'], touched: ReadonlySet<string>) => void = () => {},
): void {
  const world = new World(graph)
  const names = graph.map((one) => one.key)
  let full: TickState | null = null
  let some: TickState | null = null
  let since = 0
  let now = Date.parse('2024-02-01T00:10:00Z')
  let last: (readonly [string, string | null])[] = []
  for (const { minutes, events } of timeline) {
    now += minutes * 60_000
    const touched = new Set<string>()
    const moment = (): KeysAt => world.keysAt(new Date(now).toISOString())
    world.upstreamSlices = slicesOf(conditionGraph(world.assets(() => undefined)), moment())
    for (const given of events) {
      const event = eventOf(given, world, names)
      if (!event) continue
      const run = world.runs.find(({ id }) => id === event['run'])
      const about = [event['assets'] ?? event['asset'] ?? run?.assets ?? []].flat() as string[]
      const made = event['type'] === 'materialize_requested' ? last.map(([asset]) => asset) : []
      for (const asset of [...about, ...made]) for (const id of ids(world, asset)) touched.add(id)
      world.apply(event, now, last)
    }
    const keysAt = moment()
    const all = tick(world, keysAt, { before: full, since })
    const few = tick(world, keysAt, { before: some, since }, touched)
    expect(few.requested).toEqual(all.requested)
    expect(few.evaluated).toBeLessThanOrEqual(all.evaluated)
    told(few.requested, touched)
    since = world.seq
    full = all.state
    some = few.state
    last = Object.entries(all.requested).flatMap(([asset, keys]) =>
      asset.startsWith('check:') ? [] : keys.map((one) => [asset, one] as const),
    )
  }
}

test('evaluating only what may have changed requests what evaluating everything requests', () => {
  fc.assert(
    fc.property(graphs, timelines, (graph, timeline) => expectSame(graph, timeline)),
    { numRuns: 400 },
  )
})

test('retries that time alone makes due are requested by both', () => {
  const retrying = fc
    .array(
      fc.record({
        partitions: fc.constantFrom(undefined, { type: 'static', keys: ['x', 'y'] }),
        condition: fc.constantFrom<ConditionSpec>(
          eager({ retry: { max: 2, delay: '30m' } }),
          when.retryDue({ max: 3, delay: '10m' }),
          when.anyDepsMatch(when.retryDue({ max: 2, delay: '1h' })),
        ),
      }),
      { minLength: 1, maxLength: 3 },
    )
    .map((nodes): readonly NodeCase[] =>
      nodes.map(({ partitions: given, condition }, n) => ({
        key: `a${n}`,
        deps: n === 0 ? [] : [`a${n - 1}`],
        code_version: '1',
        condition,
        ...(given && { partitions: given as never }),
      })),
    )
  const failing = fc.record({
    type: fc.constantFrom('fail', 'fail', 'fail', 'materialize'),
    asset: nth,
    partition: key,
  })
  const waiting = fc.array(
    fc.record({
      minutes: fc.constantFrom(1, 9, 10, 29, 30, 31, 60, 121),
      events: fc.array(failing, { maxLength: 2, size: '-1' }),
    }),
    { minLength: 4, maxLength: 12 },
  )
  let quiet = 0
  fc.assert(
    fc.property(retrying, waiting, (graph, timeline) => {
      let isFirst = true
      expectSame(graph, timeline, (requested, touched) => {
        if (!isFirst && touched.size === 0 && Object.keys(requested).length > 0) quiet += 1
        isFirst = false
      })
    }),
    { numRuns: 300 },
  )
  // Nothing happened, and something was requested: the case that this is about.
  expect(quiet).toBeGreaterThan(30)
})

test('the state is the same after it was written down and read back', () => {
  fc.assert(
    fc.property(graphs, timelines, (graph, timeline) => {
      const world = new World(graph)
      const names = graph.map((one) => one.key)
      let kept: TickState | null = null
      let read: TickState | null = null
      let since = 0
      let now = Date.parse('2024-02-01T00:10:00Z')
      for (const { minutes, events } of timeline) {
        now += minutes * 60_000
        for (const given of events) {
          const event = eventOf(given, world, names)
          if (event && event['type'] !== 'materialize_requested') world.apply(event, now)
        }
        const keysAt = world.keysAt(new Date(now).toISOString())
        const a = tick(world, keysAt, { before: kept, since })
        const b = tick(world, keysAt, { before: read, since })
        expect(b.requested).toEqual(a.requested)
        since = world.seq
        kept = a.state
        const own = conditionGraph(world.assets((one) => one as ConditionSpec))
        const record: unknown = JSON.parse(JSON.stringify(recordOfState(b.state)))
        read = stateOfRecord(
          record as never,
          (id) => own.entities.get(id),
          (entity) => own.domain(entity, keysAt),
        )
      }
    }),
    { numRuns: 200 },
  )
})

test('an idle tick evaluates nothing', () => {
  const graph: NodeCase[] = Array.from({ length: 50 }, (_, n) => ({
    key: `a${n}`,
    deps: n === 0 ? [] : [`a${n - 1}`],
    condition: eager(),
  }))
  const world = new World(graph)
  const at = (minute: number): KeysAt => world.keysAt(`2024-02-01T00:${minute}:00Z`)
  let ticked = tick(world, at(10), { before: null, since: 0 })
  expect(ticked).toMatchObject({ evaluated: 50, requested: { a0: [null], a49: [null] } })
  // What was requested is remembered for one tick.
  for (const minute of [11, 12, 13]) ticked = tick(world, at(minute), { before: ticked.state, since: 0 }, new Set())
  expect(ticked).toMatchObject({ evaluated: 0, requested: {} })
})
