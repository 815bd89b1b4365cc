import { SluiceError, collect, envReads, snapshotOf } from '@sluice/core'
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
  const scanned = program.describing ? scanEnv(graph.files) : []
  const uses = [...program.envReads, ...scanned].filter(({ name }) => !declared.has(name))
  const undeclaredEnv = new Map(uses.map((use) => [`${use.name}:${use.file}:${use.line}`, use]))
  return {
    definitions: snapshotOf(definitions),
    entries: program.entries,
    graph,
    env,
    undeclaredEnv: [...undeclaredEnv.values()],
  }
}

function empty({ entries }: Program): SluiceError {
  return new SluiceError('LOAD_EMPTY', `${entries.map(shownPath).join(', ')} exports nothing that Sluice can run.`, {
    hint: "Export a flow, a task or an asset: export const sync = flow('sync', async () => { … }).",
    data: { place: `${entries[0]}:1` },
  })
}
