import { type Definitions, SluiceError, collect, envReads } from '@sluice/core'
import type { Description } from '../messages.ts'
import { scanEnv } from './env-reads.ts'
import type { Program } from './host.ts'
import { shownPath } from './shown-path.ts'

/** Everything that the loaded code says about itself, as plain data. */
export function describe(program: Program): Description {
  const graph = program.loader.moduleGraph()
  const definitions = collect(program.exports)
  if (Object.values(definitions).every(({ size }: ReadonlyMap<string, unknown>) => size === 0)) throw empty(program)
  const env = envReads().map(({ name, fallback, missing }) => ({ name, fallback, missing }))
  const declared = new Set(env.map(({ name }) => name))
  const uses = [...program.envReads, ...scanEnv(graph.files)].filter(({ name }) => !declared.has(name))
  const undeclaredEnv = new Map(uses.map((use) => [`${use.name}:${use.file}:${use.line}`, use]))
  return { definitions: namesOf(definitions), graph, env, undeclaredEnv: [...undeclaredEnv.values()] }
}

function namesOf(definitions: Definitions): Readonly<Record<string, readonly { name: string; place: string | undefined }[]>> {
  const lists = Object.entries(definitions) as [string, ReadonlyMap<string, { name: string; place(): string | undefined }>][]
  return Object.fromEntries(lists.map(([kind, map]) => [kind, [...map.values()].map(({ name, place }) => ({ name, place: place() }))]))
}

function empty({ entries }: Program): SluiceError {
  return new SluiceError('LOAD_EMPTY', `${entries.map(shownPath).join(', ')} exports nothing that Sluice can run.`, {
    hint: "Export a flow, a task or an asset: export const sync = flow('sync', async () => { … }).",
    data: { place: `${entries[0]}:1` },
  })
}
