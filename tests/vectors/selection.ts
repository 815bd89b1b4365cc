import { type AssetRecord, type SelectionGraph, SluiceError, parseSelection, select } from '@sluice/core'
import type { CaseSet, Evaluator, Input } from './shapes.ts'

interface Node {
  readonly key: string
  readonly deps: readonly string[]
  readonly group: string
  readonly tags: Readonly<Record<string, string>>
  readonly owners: readonly string[]
  readonly kinds: readonly string[]
  readonly external: boolean
  readonly code_location: string
}

export const assetSelection: Evaluator = {
  answer(input, set) {
    const ast = orError(() => parseSelection(input['selection'] as string), 'parse')
    if ('error' in ast) return ast
    const external = input['include_sources'] === true
    return orError(() => ({ keys: select(ast, graphOf(input, set), { external }) }), 'resolve')
  },
  agrees(got, expected) {
    const [a, b] = [got as Answer, expected as Answer]
    if (b.error === undefined) return JSON.stringify(a.keys) === JSON.stringify(b.keys)
    // What only their screens evaluate may be answered.
    return a.error === b.error || (b.syntax_valid === true && a.error === undefined)
  },
}

interface Answer {
  readonly keys?: readonly string[]
  readonly error?: string
  readonly syntax_valid?: boolean
}

function orError<A>(answer: () => A, error: string): A | { readonly error: string } {
  try {
    return answer()
  } catch (thrown) {
    if (thrown instanceof SluiceError) return { error }
    throw thrown
  }
}

const graphs = new WeakMap<readonly Node[], SelectionGraph>()

function graphOf(input: Input, { header }: CaseSet): SelectionGraph {
  const name = input['graph'] as string
  const nodes = (header['graphs'] as Readonly<Record<string, readonly Node[]>>)[name]!
  let graph = graphs.get(nodes)
  if (!graph) graphs.set(nodes, (graph = { assets: nodes.map(recordOf), ...targetsOf(name, header) }))
  return graph
}

function recordOf({ key, deps, group, tags, owners, kinds, external, code_location: location }: Node): AssetRecord {
  return { name: key, upstream: deps, group, tags, owners, kinds, external, location }
}

type Targets = Readonly<Record<string, readonly string[]>>

function targetsOf(name: string, header: Input): { jobs?: Targets; schedules?: Targets } {
  const given = (
    header['jobs'] as Readonly<Record<string, { jobs: Targets; schedules: Readonly<Record<string, string>> }>>
  )[name]
  if (!given) return {}
  const schedules = Object.entries(given.schedules).map(([schedule, job]) => [schedule, given.jobs[job]!] as const)
  return { jobs: given.jobs, schedules: Object.fromEntries(schedules) }
}
