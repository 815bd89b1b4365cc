import {
  type Definitions,
  type Snapshot,
  SluiceError,
  collect,
  decode,
  envReads,
  serverSettingsOf,
  snapshotOf,
  whileEnvIsLenient,
} from '@sluice/core'
import type { DescribeRequest, Description } from '../messages.ts'
import { scanEnv } from './env-reads.ts'
import type { Program } from './host.ts'
import { settingsFor } from './run.ts'
import { shownPath } from './shown-path.ts'

/** Everything that the loaded code, and its configuration, say about themselves, as plain data. */
export async function describe(program: Program, request: DescribeRequest): Promise<Description> {
  // Before the graph is read: a version is of the configuration too.
  const read = () => settingsFor(program, request)
  const settings = await (program.describing ? whileEnvIsLenient(read) : read())
  const graph = program.loader.moduleGraph()
  const definitions = collect(program.exports)
  if (Object.values(definitions).every(({ size }: ReadonlyMap<string, unknown>) => size === 0)) throw empty(program)
  const env = envReads().map(({ name, fallback, missing }) => ({ name, fallback, missing }))
  const declared = new Set(env.map(({ name }) => name))
  const scanned = program.describing ? scanEnv(graph.files) : []
  const uses = [...program.envReads, ...scanned].filter(({ name }) => !declared.has(name))
  const undeclaredEnv = new Map(uses.map((use) => [`${use.name}:${use.file}:${use.line}`, use]))
  return {
    definitions: {
      ...(await withReadySchedules(definitions, snapshotOf(definitions, program.codeVersions))),
      ...(request.config !== null && { settings: serverSettingsOf(settings) }),
    },
    entries: program.entries,
    graph,
    env,
    undeclaredEnv: [...undeclaredEnv.values()],
  }
}

/** Params that are no function are checked now, and never again: such a schedule asks nothing of the code when it ticks. */
async function withReadySchedules(definitions: Definitions, snapshot: Snapshot): Promise<Snapshot> {
  if (snapshot.schedules.every(({ asks }) => asks)) return snapshot
  const { readyRun } = await import('./evaluate.ts')
  const schedules: Snapshot['schedules'][number][] = []
  for (const one of snapshot.schedules) {
    const params: unknown = one.params === null ? undefined : decode(one.params)
    const ready = one.asks ? null : await readyRun(definitions, one.target, params).catch(locatedAt(one))
    schedules.push(ready ? { ...one, ...ready, tags: { ...ready.tags, ...one.tags } } : one)
  }
  return { ...snapshot, schedules }
}

const locatedAt =
  ({ name, place }: Snapshot['schedules'][number]) =>
  (error: unknown): never => {
    if (!(error instanceof SluiceError)) throw error
    const { code, message, hint, data } = error
    throw new SluiceError(code, `Schedule "${name}": ${message}`, {
      cause: error,
      data: { ...data, place },
      ...(hint !== undefined && { hint }),
    })
  }

function empty({ entries }: Program): SluiceError {
  return new SluiceError('LOAD_EMPTY', `${entries.map(shownPath).join(', ')} exports nothing that Sluice can run.`, {
    hint: "Export a flow, a task or an asset: export const sync = flow('sync', async () => { … }).",
    data: { place: `${entries[0]}:1` },
  })
}
