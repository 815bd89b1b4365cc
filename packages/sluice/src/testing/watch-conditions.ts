import {
  type AnyAsset,
  type Duration,
  type Entity,
  type Materialization,
  type PartitionOf,
  type Run,
  type ExplainedLine,
  type Questions,
  type TickState,
  type TraceRecord,
  SluiceError,
  askCustom,
  collect,
  explain,
  questionsOf,
  snapshotOf,
} from '@sluice/core'
import {
  type FactsInput,
  type Requests,
  decideConditions,
  deployedGraph,
  factsOf,
  followEvents,
  heldBack,
  momentOfLook,
  newRun,
  noteRequests,
  planRequested,
  readKnown,
} from '@sluice/engine'
import { type Change, keysAt } from '@sluice/engine/store'
import { openSqliteInProcess } from '@sluice/storage'
import { type FakeClock, fakeClock } from './fake-clock.ts'

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
  const began = new Set<string>()
  const requests: Requests = new Map()
  /** The newest of each. */
  const trees = new Map<string, TraceRecord>()
  let state: TickState | null = null
  let followed = 0

  const runOf = async ({ id }: RequestedByCondition): Promise<Run> => {
    const run = await store.runs.get(id)
    if (run) return run
    throw new SluiceError('RUN_UNKNOWN', `There is no run ${id} here.`, { hint: 'Give a run of a look of this test.' })
  }
  const begin = async (id: string): Promise<void> => {
    if (began.has(id)) return
    began.add(id)
    await store.commit([{ change: 'run.claim', run: id, from: 0, owner: 'test', at: clock.now(), codeVersion: null }])
  }
  const end = async (id: string, records: readonly Change[], isFailed = false): Promise<void> => {
    await begin(id)
    const error = isFailed ? { name: 'Error', code: 'STEP_FAILED', message: 'It failed, as the test says.' } : null
    const how = isFailed ? 'failed' : 'succeeded'
    await store.commit([
      ...records,
      { change: 'run.end', run: id, epoch: 1, state: how, error, result: null, at: clock.now() },
    ])
  }
  const record = (run: string, nth: number, asset: AnyAsset, partition: string | null): Change => ({
    change: 'asset.record',
    epoch: 1,
    materialization: recordOf(run, nth, asset, partition, clock.now()),
  })
  const find = (name: string): AnyAsset => collected.assets.get(name)!
  const result = (run: string, nth: number, asset: string, check: string, partition: string | null, passed: boolean) =>
    ({
      change: 'check.record',
      epoch: 1,
      result: { id: 0, asset, check, partition, run, step: nth, at: clock.now(), passed, ...plainCheck },
    }) as const satisfies Change
  /** A run of a person. */
  const alone = async (asset: AnyAsset, records: (run: string) => readonly Change[], partition: string | null) => {
    const target = {
      kind: 'assets',
      selection: asset.name,
      assets: [asset.name],
      partitions: partition === null ? null : [partition],
    } as const
    const run = newRun({ target, params: null, entry: null, now: clock.now() })
    await store.commit([{ change: 'run.create', run }])
    await end(run.id, records(run.id))
  }

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
      const decided = decideConditions({
        graph,
        keysAt: at,
        facts,
        before: state,
        touched: null,
        held,
        isExplained: true,
      })!
      state = decided.state
      noteRequests(requests, decided, now)
      for (const { entity, tree } of decided.trees) trees.set(entity.id, tree)
      const runs = decided.runs.flatMap((requested, nth) => {
        const newest = (name: string) => known.assets.get(name)?.newest?.partition ?? null
        return planRequested({ requested, snapshot, newest, now: now + nth }) ?? []
      })
      await store.commit(runs.map((run) => ({ change: 'run.create', run })))
      return {
        runs: runs.map(requestedOf),
        why(asset) {
          const [entity, tree] = [graph.entities.get(asset.name), trees.get(asset.name)]
          return entity && tree ? explain(tree, { graph, keysAt: at, entity, partition: null }).map(lineOf) : []
        },
      }
    },
    pass: (duration) => clock.advance(duration),
    async make(asset, partition) {
      const key = (partition as string | undefined) ?? null
      await alone(asset, (run) => [record(run, 1, asset, key)], key)
    },
    async check(asset, check, passed) {
      await alone(asset, (run) => [result(run, 1, asset.name, check, null, passed)], null)
    },
    begin: ({ id }) => begin(id),
    async succeed(run) {
      const { target } = await runOf(run)
      if (!('assets' in target)) return
      const slices = target.assets.flatMap((name) =>
        (find(name).partitions ? (target.partitions ?? []) : [null]).map((key) => [find(name), key] as const),
      )
      const checks = target.kind === 'checks' ? target.checks.map((name) => name.split(':') as [string, string]) : []
      await end(
        run.id,
        target.kind === 'checks'
          ? checks.map(([asset, check], nth) =>
              result(run.id, nth + 1, asset, check, target.partitions?.[0] ?? null, true),
            )
          : slices.map(([asset, key], nth) => record(run.id, nth + 1, asset, key)),
      )
    },
    async fail(run) {
      await runOf(run)
      await end(run.id, [], true)
    },
    async addKeys(name, ...keys) {
      await store.commit([{ change: 'partitions.add', name, keys, at: clock.now() }])
    },
    [Symbol.asyncDispose]: () => store.close(),
  }
}

const plainCheck = { severity: 'error', blocking: false, metadata: {} } as const

const recordOf = (
  run: string,
  step: number,
  asset: AnyAsset,
  partition: string | null,
  at: number,
): Materialization => ({
  id: 0,
  kind: asset.made === 'here' ? 'materialization' : 'observation',
  asset: asset.name,
  partition,
  run,
  step,
  attempt: 1,
  at,
  value: null,
  dataVersion: `${run} ${step}`,
  codeVersion: typeof asset.options.codeVersion === 'string' ? asset.options.codeVersion : null,
  inputVersions: {},
  metadata: {},
})

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
