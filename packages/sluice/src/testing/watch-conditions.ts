import {
  type AnyAsset,
  type Duration,
  type Entity,
  type PartitionOf,
  type Run,
  type ExplainedLine,
  type Questions,
  type TickState,
  type TraceRecord,
  askCustom,
  collect,
  explain,
  inOneGo,
  questionsOf,
  snapshotOf,
} from '@sluice/core'
import {
  type FactsInput,
  type Requests,
  decidingConditions,
  deployedGraph,
  factsOf,
  followEvents,
  heldBack,
  momentOfLook,
  noteRequests,
  planRequested,
  readKnown,
} from '@sluice/engine'
import { keysAt } from '@sluice/engine/store'
import { openSqliteInProcess } from '@sluice/storage'
import { type FakeClock, fakeClock } from './fake-clock.ts'
import { watchedRuns } from './watched-runs.ts'

/** A run that conditions have requested. */
export interface RequestedByCondition {
  readonly id: string
  readonly assets: readonly string[]
  /** `asset:check` for each, where it only tests. */
  readonly checks: readonly string[]
  /** `null` where they are not partitioned. */
  readonly partitions: readonly string[] | null
}

/** What one look at the conditions came to. */
export interface ConditionLook {
  readonly runs: readonly RequestedByCondition[]
  /** Why an asset was requested or not, a line for each part: `✓ something new has not been dealt with`. Empty where nothing was looked at. */
  why(asset: AnyAsset): readonly string[]
}

/** Conditions, and what a test lets happen to their assets. */
export interface WatchedConditions extends AsyncDisposable {
  readonly clock: FakeClock
  /** Looks at the conditions of everything that may have changed, as a server does. What is requested waits from then on. */
  look(): Promise<ConditionLook>
  /** Lets time pass. */
  pass(duration: Duration): void
  /** Somebody makes an asset, or looks at one that something else makes. */
  make<A extends AnyAsset>(asset: A, partition?: PartitionOf<A>): Promise<void>
  /** A check of an asset comes to this. */
  check<A extends AnyAsset>(asset: A, check: CheckOf<A>, passed: boolean): Promise<void>
  /** A requested run begins, which is when it reads what it is made from; `succeed` and `fail` let it begin where it has not. */
  begin(run: RequestedByCondition): Promise<void>
  /** A requested run makes everything that it was to make. */
  succeed(run: RequestedByCondition): Promise<void>
  /** A requested run makes nothing. */
  fail(run: RequestedByCondition): Promise<void>
  /** Adds keys of a dynamic set. */
  addKeys(set: string, ...keys: readonly string[]): Promise<void>
}

type CheckOf<A> = A extends { readonly _x?: infer X } ? (NonNullable<X> extends { checks: infer C } ? C : never) : never

/**
 * Conditions evaluated by hand: the assets, what happens to them, and what is requested at each look. Everything is in
 * memory, and no function of an asset is called; custom conditions are asked at every look.
 *
 * @param definitions assets, and what they are made from is found by itself.
 * @throws SluiceError as loading the definitions does.
 */
export async function watchConditions(
  definitions: readonly AnyAsset[],
  { clock = fakeClock('2026-01-01T00:00:00Z') }: { readonly clock?: FakeClock } = {},
): Promise<WatchedConditions> {
  const collected = collect(definitions)
  const snapshot = snapshotOf(collected)
  const graph = deployedGraph([{ location: 'test', snapshot }], () => false)
  const questions = questionsOf(graph)
  const store = await openSqliteInProcess(':memory:')
  const known = await readKnown(store, graph, questions)
  const runs = watchedRuns(store, clock, collected.assets)
  const requests: Requests = new Map()
  /** The newest of each. */
  const trees = new Map<string, TraceRecord>()
  let state: TickState | null = null
  let followed = 0

  return {
    clock,
    async look() {
      const events = await store.events.list({ after: followed, limit: 100_000 })
      followed = events.at(-1)?.id ?? followed
      const { made } = await followEvents({ store, known, graph }, events)
      const now = momentOfLook(clock.now())
      const at = await keysAt(store, snapshot.assets, now)
      const customs = await askAll(collected.assets, questions, clock)
      const facts = factsOf({ known, graph, keysAt: at, made, customs })
      const domain = (entity: Entity) => graph.domain(entity, at)
      const held = heldBack({ known, requests, at: now, domain, again: () => {} })
      const input = { graph, keysAt: at, facts, before: state, touched: null, held, isExplained: true }
      const decided = inOneGo(decidingConditions(input))!
      state = decided.state
      noteRequests(requests, decided, now)
      for (const { entity, tree } of decided.trees) trees.set(entity.id, JSON.parse(tree) as TraceRecord)
      const asked = decided.runs.flatMap((requested, nth) => {
        const newest = (name: string) => known.assets.get(name)?.newest?.partition ?? null
        return planRequested({ requested, snapshot, newest, now: now + nth }) ?? []
      })
      await store.commit(asked.map((run) => ({ change: 'run.create', run })))
      return {
        runs: asked.map(requestedOf),
        why(asset) {
          const [entity, tree] = [graph.entities.get(asset.name), trees.get(asset.name)]
          return entity && tree ? explain(tree, { graph, keysAt: at, entity, partition: null }).map(lineOf) : []
        },
      }
    },
    pass: (duration) => clock.advance(duration),
    make: (asset, partition) => runs.make(asset, (partition as string | undefined) ?? null),
    check: (asset, check, passed) => runs.check(asset, check, passed),
    begin: ({ id }) => runs.begin(id),
    succeed: ({ id }) => runs.succeed(id),
    fail: ({ id }) => runs.fail(id),
    async addKeys(name, ...keys) {
      await store.commit([{ change: 'partitions.add', name, keys, at: clock.now() }])
    },
    [Symbol.asyncDispose]: () => store.close(),
  }
}

function requestedOf({ id, target }: Run): RequestedByCondition {
  const { assets, partitions } = target as Extract<Run['target'], { assets: unknown }>
  return {
    id,
    assets: target.kind === 'assets' ? assets : [],
    checks: target.kind === 'checks' ? target.checks : [],
    partitions,
  }
}

const signs = { true: '✓', false: '✗', unasked: '·' } as const
const lineOf = ({ depth, answer, text }: ExplainedLine): string => `${'  '.repeat(depth)}${signs[answer]} ${text}`

async function askAll(
  assets: ReadonlyMap<string, AnyAsset>,
  { customs }: Questions,
  clock: FakeClock,
): Promise<FactsInput['customs']> {
  const said = new Map<string, Map<string, boolean | readonly string[]>>()
  const signal = new AbortController().signal
  for (const [name, { entities }] of customs) {
    const answers = new Map<string, boolean | readonly string[]>()
    for (const { id, asset } of entities)
      answers.set(id, await askCustom(assets.values(), name, { asset: asset.name, now: clock.instant(), signal }))
    said.set(name, answers)
  }
  return said
}
