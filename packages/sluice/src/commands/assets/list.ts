import { type AssetSnapshot, type KeysAt, type PartitionsSpec, keysOf } from '@sluice/core'
import { type AssetReads, keysAt } from '@sluice/engine/store'
import { findProject } from '../../project/project.ts'
import { rowsOf } from '../../terminal/progress/model.ts'
import { table } from '../../terminal/table.ts'
import { json, output } from '../../terminal/terminal.ts'
import { ago } from '../../terminal/times.ts'
import { countOf, numberText } from '../../terminal/words.ts'
import { environmentOf } from '../options.ts'
import { selectAssets, statusesOf } from '../plan.ts'
import { locate } from '../supervise/location.ts'
import { lookInto } from '../supervise/look.ts'
import type { System, SystemOptions } from '../../system/system.ts'
import { ifStored, withStore } from '../with-store.ts'
import { namedServer } from './named-server.ts'

export interface ListOptions extends SystemOptions {
  readonly select?: string
  readonly env?: string
  readonly json?: boolean
}

type Summary = Awaited<ReturnType<AssetReads['summary']>>[number]

interface Row {
  readonly name: string
  readonly asset: AssetSnapshot | undefined
  readonly summary: Summary | undefined
  readonly partitions: number | undefined
}

/** `sluice assets list`: what the code defines, with what the store holds of it. */
export async function listAssets(file: string | undefined, options: ListOptions): Promise<void> {
  const system = await namedServer(file, options)
  const rows = system
    ? await servedRows(system, options.select)
    : file !== undefined || findProject(process.cwd()).configFile
      ? await definedRows(file, options)
      : await storedRows()
  if (options.json) return json(rows)
  const { style, columns, line } = output
  if (rows.length === 0 && options.select !== undefined) return line(`No asset is in ${options.select}.`)
  if (rows.length === 0) return line('There are no assets here. sluice assets list FILE lists those of a file.')
  const now = Date.now()
  const titles = [
    { title: 'asset', flexible: true },
    { title: 'partitions' },
    { title: 'made' },
    { title: 'rows', align: 'end' as const },
    { title: 'group' },
    { title: 'what', flexible: true },
  ]
  for (const text of table(
    style,
    titles,
    rows.map((row) => cellsOf(row, now)),
    columns,
  ))
    line(text)
}

async function definedRows(file: string | undefined, options: ListOptions): Promise<Row[]> {
  const location = locate(file)
  const description = await lookInto({ location, environment: environmentOf(options), describing: true }, (looking) =>
    Promise.resolve(looking.description),
  )
  const { definitions, entries } = description
  const selection = options.select ?? '*'
  const statuses = await ifStored(await statusesOf(selection, definitions, null), (store) =>
    statusesOf(selection, definitions, store),
  )
  const assets = await selectAssets(definitions, selection, { entries, external: true, statuses })
  const [summary, at] = await ifStored<[readonly Summary[], KeysAt]>(
    [[], { now: Temporal.Now.instant(), dynamic: {} }],
    async (store) => [await store.assets.summary(), await keysAt(store, assets, Date.now())],
  )
  const byName = new Map(summary.map((one) => [one.asset, one]))
  return assets.map((asset) => ({
    name: asset.name,
    asset,
    summary: byName.get(asset.name),
    partitions: asset.partitions ? keysOf(asset.partitions, at).count : undefined,
  }))
}

async function servedRows(system: System, selection = '*'): Promise<Row[]> {
  const [{ pages }, { all }] = await Promise.all([import('@sluice/api/client'), import('../../system/of-server.ts')])
  const { client } = system.server!
  const found = await all(pages(client.assets.list, { selection, limit: 1000 }), ({ assets }) => assets)
  const at = await keysAt(
    system,
    found.map(({ definition }) => definition),
    Date.now(),
  )
  return found.map(({ definition: asset, latest, records: count, partitions }) => ({
    name: asset.name,
    asset,
    summary: latest ? { asset: asset.name, latest, count, partitions } : undefined,
    partitions: asset.partitions ? keysOf(asset.partitions, at).count : undefined,
  }))
}

async function storedRows(): Promise<Row[]> {
  const summary = await ifStored<readonly Summary[]>([], () => withStore((store) => store.assets.summary()))
  return summary.map((one) => ({ name: one.asset, asset: undefined, summary: one, partitions: undefined }))
}

function cellsOf({ name, asset, summary, partitions }: Row, now: number): string[] {
  const { style } = output
  const made = summary
    ? ago(summary.latest.at, now)
    : asset && !asset.runnable
      ? style.dim(asset.virtual ? 'virtual' : 'external')
      : style.dim('never')
  const rows = summary ? rowsOf(summary.latest) : null
  const slices = asset?.partitions
    ? `${kindOf(asset.partitions)} ${numberText(summary?.partitions ?? 0)}/${numberText(partitions ?? 0)}`
    : summary && summary.partitions > 0
      ? numberText(summary.partitions)
      : ''
  return [
    name,
    slices,
    made,
    rows === null ? '' : numberText(rows),
    asset?.group ?? '',
    style.dim(asset?.description ?? (asset?.checks.length ? countOf(asset.checks.length, 'check') : '')),
  ]
}

export const kindOf = (spec: PartitionsSpec): string => (spec.kind === 'one of' ? 'fixed' : spec.kind)
