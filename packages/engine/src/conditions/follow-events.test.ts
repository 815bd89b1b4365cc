import {
  type AnyAsset,
  type Entity,
  asset,
  collect,
  oneOf,
  questionsOf,
  recordOf,
  snapshotOf,
  when,
} from '@sluice/core'
import { openSqliteInProcess } from '@sluice/storage'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keysAt } from '../partitions/keys-at.ts'
import { newRun } from '../runs/launch.ts'
import { aCheck, aMaterialization } from '../store/contract/rows.ts'
import type { Store } from '../store/ports.ts'
import { deployedGraph } from './deployed-graph.ts'
import { factsOf } from './facts-of.ts'
import { followEvents } from './follow-events.ts'
import type { Known } from './known-assets.ts'
import { readKnown } from './read-known.ts'

const everything = when.any(
  when.missing(),
  when.inProgress(),
  when.executionFailed(),
  when.retryDue({ max: 3 }),
  when.executedWithTags({ keys: ['nightly'] }),
  when.anyChecksMatch(when.checkFailed()),
)
const whole = asset('whole', { condition: everything }, () => 1).checks({ fine: () => ({ passed: true }) })
const sliced = asset('sliced', { partitions: oneOf(['x', 'y', 'z']), condition: everything }, () => 1)
const definitions: readonly AnyAsset[] = [whole, sliced]
const snapshot = snapshotOf(collect(definitions))
const graph = deployedGraph([{ location: 'main', snapshot }], () => false)

const keys = fc.uniqueArray(fc.constantFrom('x', 'y', 'z'), { minLength: 1 })
const doings = fc.array(
  fc.oneof(
    fc.record({
      do: fc.constant('create' as const),
      of: fc.constantFrom('whole', 'sliced', 'both'),
      keys,
      tag: fc.boolean(),
    }),
    fc.record({ do: fc.constant('make' as const), key: fc.constantFrom('x', 'y', 'z') }),
    fc.record({ do: fc.constant('check' as const), passed: fc.boolean() }),
    fc.record({
      do: fc.constant('end' as const),
      state: fc.constantFrom('succeeded', 'failed', 'canceled', 'crashed'),
    }),
    fc.record({ do: fc.constant('follow' as const) }),
  ),
  { minLength: 1, maxLength: 14 },
)

type Doing = (typeof doings extends fc.Arbitrary<infer T> ? T : never) extends readonly (infer D)[] ? D : never

/** A run at a time: what is done belongs to the one that goes on. */
async function happen(
  store: Store,
  doing: Doing,
  state: { run: string | null; step: number; at: number },
): Promise<void> {
  state.at += 1000
  const { at } = state
  if (doing.do === 'create') {
    if (state.run !== null) return
    const assets = doing.of === 'both' ? ['whole', 'sliced'] : [doing.of]
    const partitions = doing.of === 'whole' ? null : doing.keys
    const target = { kind: 'assets', selection: doing.of, assets, partitions } as const
    const run = newRun({ target, params: null, entry: null, tags: doing.tag ? { nightly: '' } : {}, now: at })
    state.run = run.id
    await store.commit([
      { change: 'run.create', run },
      { change: 'run.claim', run: run.id, from: 0, owner: 'o', at, codeVersion: null },
    ])
    return
  }
  const run = state.run === null ? null : await store.runs.get(state.run)
  if (!run || run.target.kind !== 'assets') return
  state.step += 1
  if (doing.do === 'make') {
    const { assets, partitions } = run.target
    const [of, partition]: readonly [string, string | null] = partitions?.includes(doing.key)
      ? ['sliced', doing.key]
      : ['whole', null]
    if (!assets.includes(of)) return
    const materialization = aMaterialization(run.id, state.step, { asset: of, partition, at })
    await store.commit([{ change: 'asset.record', epoch: 1, materialization }])
  } else if (doing.do === 'check') {
    const result = aCheck(run.id, state.step, { asset: 'whole', check: 'fine', passed: doing.passed, at })
    if (run.target.assets.includes('whole')) await store.commit([{ change: 'check.record', epoch: 1, result }])
  } else if (doing.do === 'end') {
    const end = { change: 'run.end', run: run.id, epoch: 1, error: null, result: null, at } as const
    await store.commit([{ ...end, state: doing.state as 'failed' }])
    state.run = null
  }
}

/** What is known, as conditions see it. */
async function seen(store: Store, known: Known) {
  const at = await keysAt(store, snapshot.assets, Date.parse('2026-01-01'))
  const facts = factsOf({ known, graph, keysAt: at, made: [], customs: new Map() })
  const of = (entity: Entity) => {
    const domain = graph.domain(entity, at)
    if (entity.check) return facts.check(entity)
    const latest = facts.latestRun(entity)
    return {
      made: recordOf(domain, facts.materialized(entity)),
      running: recordOf(domain, facts.runInProgress(entity)),
      failed: recordOf(domain, facts.executionFailed(entity)),
      failures: facts
        .failures(entity)
        .map((one) => [recordOf(domain, one.set), one.at, one.count])
        .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
      latest: latest && [recordOf(domain, latest.set), [...latest.targets].toSorted(), latest.tags],
    }
  }
  return Object.fromEntries(graph.ordered.map((entity) => [entity.id, of(entity)]))
}

test('what events told is what a server that begins now reads', async () => {
  await fc.assert(
    fc.asyncProperty(doings, async (list) => {
      const store = await openSqliteInProcess(':memory:')
      const questions = questionsOf(graph)
      const followed = await readKnown(store, graph, questions)
      const state = { run: null, step: 0, at: 1_000_000 }
      let after = 0
      for (const doing of [...list, { do: 'follow' } as const]) {
        if (doing.do !== 'follow') {
          await happen(store, doing, state)
          continue
        }
        const events = await store.events.list({ after })
        after = events.at(-1)?.id ?? after
        await followEvents({ store, known: followed, graph }, events)
      }
      const fresh = await readKnown(store, graph, questions)
      expect(await seen(store, followed)).toEqual(await seen(store, fresh))
      await store.close()
    }),
    { numRuns: 150 },
  )
})

test('of a run whose assets make different keys, each its own is in progress, and has failed', async () => {
  const store = await openSqliteInProcess(':memory:')
  const questions = questionsOf(graph)
  const followed = await readKnown(store, graph, questions)
  const target = {
    kind: 'assets',
    selection: '*',
    assets: ['other', 'sliced'],
    partitions: ['x', 'y', 'z'],
    partitionsOf: { sliced: ['y', 'z'] },
  } as const
  const run = newRun({ target, params: null, entry: null, now: 1000 })
  await store.commit([
    { change: 'run.create', run },
    { change: 'run.claim', run: run.id, from: 0, owner: 'o', at: 1000, codeVersion: null },
  ])
  await followEvents({ store, known: followed, graph }, await store.events.list({}))
  expect((await seen(store, followed))['sliced']).toMatchObject({ running: [[['y', 'z']]], failed: [] })
  const materialization = aMaterialization(run.id, 1, { asset: 'sliced', partition: 'z', at: 1001 })
  const end = {
    change: 'run.end',
    run: run.id,
    epoch: 1,
    state: 'failed',
    error: null,
    result: null,
    at: 1002,
  } as const
  await store.commit([{ change: 'asset.record', epoch: 1, materialization }, end])
  await followEvents({ store, known: followed, graph }, await store.events.list({}))
  const fresh = await readKnown(store, graph, questions)
  for (const known of [followed, fresh])
    expect((await seen(store, known))['sliced']).toMatchObject({ running: [], failed: [[['y']]] })
  await store.close()
})
