import type { Snapshot } from '@sluice/core'
import type { Client } from '@sluice/api/client'
import { findProject } from '../project/project.ts'
import { serverFor } from '../system/server-for.ts'
import { output } from '../terminal/terminal.ts'
import { environmentOf } from './options.ts'
import { lookInto } from './supervise/look.ts'
import { locate } from './supervise/location.ts'
import { ifStored } from './with-store.ts'

/** What a shell completes after the words of a command. */
export type NameKind =
  | 'assets'
  | 'targets'
  | 'runs'
  | 'backfills'
  | 'schedules'
  | 'sensors'
  | 'workers'
  | 'locations'
  | 'sets'

/** The newest that a shell offers. */
const MOST = 50

/**
 * `sluice names KIND`, which completion scripts call: one name a line, of the server that there is, else of the code and the
 * store of the project. What cannot be asked has no names: a shell that completes says nothing of errors.
 */
export async function printNames(kind: string): Promise<void> {
  try {
    const server = await serverFor(findProject(process.cwd()), {})
    const names = server ? await servedNames(server.client, kind as NameKind) : await namesHere(kind as NameKind)
    for (const name of new Set(names)) output.line(name)
  } catch {
    // nothing to offer
  }
}

async function servedNames(client: Client, kind: NameKind): Promise<readonly string[]> {
  switch (kind) {
    case 'runs':
      return ['latest', ...(await client.runs.list({ limit: MOST })).runs.map(({ id }) => id)]
    case 'backfills':
      return ['latest', ...(await client.backfills.list({ limit: MOST })).backfills.map(({ id }) => id)]
    case 'schedules':
      return (await client.schedules.list({ limit: 1000 })).schedules.map(({ name }) => name)
    case 'sensors':
      return (await client.sensors.list({ limit: 1000 })).sensors.map(({ name }) => name)
    case 'workers':
      return (await client.workers.list({ limit: 1000 })).workers.map(({ name }) => name)
    default: {
      const locations = (await client.locations.list({ limit: 1000 })).locations.map(({ name }) => name)
      if (kind === 'locations') return locations
      const snapshots = locations.map(async (location) => (await client.locations.snapshot({ location })).definitions)
      return (await Promise.all(snapshots)).flatMap((one) => defined(one, kind))
    }
  }
}

async function namesHere(kind: NameKind): Promise<readonly string[]> {
  if (kind === 'runs')
    return ifStored([], async ({ runs }) => ['latest', ...(await runs.list({ limit: MOST })).map(({ id }) => id)])
  if (kind === 'backfills' || kind === 'workers' || kind === 'locations') return []
  const made = kind === 'assets' ? await ifStored([], ({ assets }) => assets.summary()) : []
  return [...(await definedHere(kind)), ...made.map(({ asset }) => asset)]
}

async function definedHere(kind: NameKind): Promise<readonly string[]> {
  if (!findProject(process.cwd()).configFile) return []
  const options = { location: locate(undefined), environment: environmentOf({}), describing: true }
  return lookInto(options, ({ description }) => Promise.resolve(defined(description.definitions, kind)))
}

function defined(snapshot: Snapshot, kind: NameKind): readonly string[] {
  const { assets, jobs, flows, tasks, schedules, sensors } = snapshot
  const lists = {
    assets,
    targets: [...jobs, ...flows, ...assets, ...tasks],
    schedules,
    sensors,
    sets: assets.flatMap(({ partitions }) => (partitions?.kind === 'dynamic' ? [partitions] : [])),
  }
  return (lists[kind as keyof typeof lists] ?? []).map(({ name }) => name)
}
