import type { Client } from '@sluice/api/client'
import { type AssetSnapshot, type Run, SluiceError } from '@sluice/core'
import type { HistoryChoice, Why, WhyAsset, OutsideReport } from '@sluice/engine'
import type {
  Acknowledged,
  AssetReads,
  CheckReads,
  EventReads,
  LogReads,
  PartitionReads,
  RunReads,
  StepReads,
} from '@sluice/engine/store'
import { hasStore, openStore } from '../commands/supervise/store.ts'
import { type Project, findProject } from '../project/project.ts'
import { systemOfStore } from './of-store.ts'
import { serverFor } from './server-for.ts'

/** What is read of runs, for a page or a table about them. */
export interface Reads {
  readonly runs: Pick<RunReads, 'find' | 'get' | 'list'>
  readonly steps: Pick<StepReads, 'counts' | 'get' | 'list'>
  readonly logs: Pick<LogReads, 'list'>
  readonly checks: Pick<CheckReads, 'latest' | 'ofRun'>
  readonly events: Pick<EventReads, 'list'>
  readonly assets: Pick<AssetReads, 'history' | 'ofRun' | 'partitions'>
  readonly partitions: Pick<PartitionReads, 'keys'>
}

/** A dynamic set and keys of it. */
export interface KeysOf {
  readonly name: string
  readonly keys: readonly string[]
}

export interface Wipe {
  readonly asset: string
  /** As given. Default: all of it. */
  readonly partition: string | undefined
  readonly history: HistoryChoice
  /** The code's definition, where it has one. Only asked by a store: a server knows its own. */
  readonly definition: () => Promise<AssetSnapshot | undefined>
}

/** What another program says of an asset. */
export interface AssetReport {
  readonly asset: string
  readonly body: OutsideReport
  /** As of `Wipe`. */
  readonly definition: () => Promise<AssetSnapshot | undefined>
}

/** What a command looks at and changes: the store of the project, or a server. */
export interface System extends Reads {
  readonly project: Project
  /** `null`: the store is opened here, by this process. */
  readonly server: ServerOf | null
  why(run: Run): Promise<Why>
  /** Why the condition of an asset, or of a check of it, requests it or does not. */
  whyAsset(asked: WhyAssetAsked): Promise<WhyAsset>
  /** Asks a run to stop; it may take a while. */
  cancel(run: Run): Promise<void>
  answer(answer: { run: string; name: string; value: unknown; by: string }): Promise<void>
  /** The failures that somebody knows of: at most 1,000, newest first. */
  acknowledged(): Promise<readonly Acknowledged[]>
  /** @param known.by `null` takes it back. */
  acknowledge(known: { readonly failure: string; readonly by: string | null }): Promise<void>
  addKeys(keys: KeysOf): Promise<void>
  removeKeys(keys: KeysOf): Promise<void>
  /** Forgets that an asset was made; gives how many partitions, `null` for one without. */
  wipe(wipe: Wipe): Promise<number | null>
  report(report: AssetReport): Promise<{ readonly run: string; readonly isNew: boolean }>
  rename(rename: { readonly from: string; readonly to: string; readonly history: HistoryChoice }): Promise<void>
  close(): Promise<void>
}

export interface WhyAssetAsked {
  readonly asset: string
  readonly check?: string
  readonly partition?: string
}

export interface ServerOf {
  readonly client: Client
  readonly url: string
  /** It was named, by `--server` or SLUICE_SERVER; otherwise it was found running on the store of this project. */
  readonly isNamed: boolean
}

export interface SystemOptions {
  readonly server?: string | undefined
}

/**
 * Where commands work: on the server that `--server` or SLUICE_SERVER names, else on the one that runs on the store of
 * this project, and where none does, on the store itself.
 */
export async function withSystem<T>(options: SystemOptions, use: (system: System) => Promise<T>): Promise<T> {
  const project = findProject(process.cwd())
  const server = await serverFor(project, options)
  // The client is not loaded where no server is asked.
  const system = server
    ? (await import('./of-server.ts')).systemOfServer(server, project)
    : systemOfStore(await openStore(project), project)
  try {
    return await use(system)
  } finally {
    await system.close()
  }
}

/** The same where nothing may be made by looking: gives `nothing` where there is neither a server nor a store yet. */
export async function ifAny<T>(nothing: T, options: SystemOptions, use: (system: System) => Promise<T>): Promise<T> {
  const project = findProject(process.cwd())
  const isThere = (await serverFor(project, options)) !== null || (await hasStore(project))
  return isThere ? withSystem(options, use) : nothing
}

/** The run of an id, for commands about one run. */
export async function lookAt<T>(
  id: string,
  options: SystemOptions,
  use: (system: System, run: Run) => Promise<T>,
): Promise<T> {
  const found = await ifAny(null, options, async (system) => ({ said: await use(system, await findRun(system, id)) }))
  if (found) return found.said
  throw noRuns()
}

/** The run with this id or the beginning of it; `latest` is the newest. */
export async function findRun({ runs }: Reads, id: string): Promise<Run> {
  const run = await runs.find(id)
  if (run) return run
  const [newest] = await runs.list({ limit: 1 })
  if (!newest) throw noRuns()
  const many = (await runs.list({ text: id, limit: 3 })).filter((one) => one.id.startsWith(id))
  if (many.length > 1)
    throw new SluiceError('RUN_UNKNOWN', `Several runs begin with ${id}.`, {
      hint: `Give more of it: ${many.map((one) => one.id).join(', ')}.`,
    })
  throw new SluiceError('RUN_UNKNOWN', `There is no run ${id}.`, {
    hint: `sluice runs list shows all; the newest is ${newest.id}.`,
  })
}

const noRuns = (): SluiceError =>
  new SluiceError('RUN_UNKNOWN', 'There are no runs here yet.', { hint: 'sluice run FILE starts one.' })
