import {
  type Entity,
  type KeysAt,
  type Staleness,
  type StalenessInput,
  conditionGraph,
  domainOf,
  needs,
  setOf,
  sets,
  stalenessOf,
} from '@sluice/core'
import { type Evaluator, type Input } from './shapes.ts'
import { slicesOf } from './slices.ts'
import { type NodeCase, World } from './world.ts'

type Step = Input & { readonly query?: true | Readonly<Record<string, readonly string[]>> }
interface Theirs {
  readonly status: string
  readonly causes: readonly TheirCause[]
  readonly root_causes: readonly (TheirCause & { readonly asset: string; readonly partition?: string })[]
}
interface TheirCause {
  readonly category: string
  readonly dependency?: string | null
  readonly dependency_partition?: string
}
type Entry = Staleness & {
  /** Does anything that it is made from have so many slices that Dagster does not look at them? */
  readonly isWide: boolean
}
type Answer = Readonly<Record<string, Entry>>

export const staleness: Evaluator = {
  answer,
  agrees: (got, expected) =>
    (got as readonly Answer[]).every((one, n) => agrees(one, (expected as readonly Record<string, Theirs>[])[n]!)),
  different({ input, expected }) {
    const wide = (answer(input) as readonly Answer[]).map((one) => narrowed(one))
    const isSame = wide.every((one, n) => agrees(one, (expected as readonly Record<string, Theirs>[])[n]!))
    return isSame ? 'Every upstream slice counts' : undefined
  },
}

const narrowed = (one: Answer): Answer => Object.fromEntries(Object.entries(one).filter(([, { isWide }]) => !isWide))

function agrees(got: Answer, expected: Readonly<Record<string, Theirs>>): boolean {
  return Object.entries(got).every(([key, own]) => expected[key] !== undefined && isSame(own, expected[key]))
}

function isSame({ status, causes, rootCauses }: Staleness, theirs: Theirs): boolean {
  const own = {
    status: status.toUpperCase(),
    causes: causes.map(({ kind, dependency, partition }) => [kind.toUpperCase(), dependency, partition]),
    roots: rootCauses.map(({ kind, asset, partition, dependency }) => [
      kind.toUpperCase(),
      asset,
      partition,
      dependency,
    ]),
  }
  const other = {
    status: theirs.status,
    causes: theirs.causes.map((one) => [one.category, one.dependency ?? null, one.dependency_partition ?? null]),
    roots: theirs.root_causes.map((one) => [one.category, one.asset, one.partition ?? null, one.dependency ?? null]),
  }
  const text = ({ status: is, causes: why, roots }: typeof own): string =>
    JSON.stringify([is, why, roots.map((one) => JSON.stringify(one)).toSorted()])
  return text(own) === text(other)
}

function answer(input: Input): unknown {
  const world = new World(input['graph'] as readonly NodeCase[])
  const keysAt = world.keysAt('2024-02-01T00:00:00Z')
  const answers: Answer[] = []
  for (const [n, step] of (input['steps'] as readonly Step[]).entries()) {
    const at = Date.parse('2024-02-01T00:00:00Z') + n * 1000
    const now = (): KeysAt => ({ ...keysAt, dynamic: world.dynamic })
    world.upstreamSlices = slicesOf(conditionGraph(world.assets(() => undefined)), now())
    if (step.query === undefined) world.apply(step, at)
    else answers.push(ask(world, now(), step.query))
  }
  return answers
}

function ask(world: World, keysAt: KeysAt, query: NonNullable<Step['query']>): Answer {
  const graph = conditionGraph(world.assets(() => undefined))
  const input: StalenessInput = {
    graph,
    keysAt,
    latest(asset, partition) {
      const made = world.newest(asset, partition)
      return made ? { ...made, id: made.seq, inputVersions: made.run ? made.inputs : null } : null
    },
  }
  const found: Record<string, Entry> = {}
  for (const entity of graph.ordered) {
    if (!entity.spec) found[entity.id] = { ...stalenessOf(entity, null, input), isWide: isWide(entity, null, input) }
    else
      for (const key of query === true ? [] : (query[entity.id] ?? []))
        found[`${entity.id}[${key}]`] = { ...stalenessOf(entity, key, input), isWide: isWide(entity, key, input) }
  }
  return found
}

function isWide(entity: Entity, key: string | null, { graph, keysAt }: StalenessInput): boolean {
  const below = domainOf(entity.spec, keysAt)
  const own = key === null ? true : setOf(below, [key])
  return entity.deps.some((up) => {
    const above = graph.domain(up, keysAt)
    if (above.axes.length === 0) return false
    const { set } = needs(graph.mapping(entity, up), below, above, own)
    return sets.countOf(set) >= 100
  })
}
