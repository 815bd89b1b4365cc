import {
  type CheckContext,
  type CheckDefinition,
  type Materialization,
  type PastMaterialization,
  type PastResult,
  type AnyAsset,
  columnsOf,
  comparableWith,
} from '@sluice/core'
import type { Store } from '../store/ports.ts'

/** Records that are read for one question at most: what is looked for may be rare among them. */
const most = 5_000
const longestPage = 500

/** One slice of an asset that is tested, as it was made last. */
export interface Tested {
  readonly asset: AnyAsset
  readonly check: CheckDefinition
  readonly key: string | null
  /** `undefined`: it was never made. */
  readonly record: Materialization | undefined
  readonly value: unknown
}

/** What the code of a check is given. Its past is read from the store when it is asked for. */
export function checkContext(
  store: Pick<Store, 'assets' | 'checks'>,
  { asset, check, key, record, value }: Tested,
): CheckContext<unknown> {
  const compared = comparableWith(asset.partitions?.spec ?? null, key)
  const only = compared.byWindow ? {} : { partition: key }
  const isSelf = ({ run, step }: { readonly run: string; readonly step: number }): boolean =>
    run === record?.run && step === record.step
  return {
    value,
    partition: key ?? undefined,
    metadata: record?.metadata ?? {},
    columns: asset.options.columns ? columnsOf(asset.options.columns, `Asset "${asset.name}"`) : null,
    async past(limit = 30) {
      // What something else makes may be known by looks alone.
      const kind = asset.made === 'external' ? {} : ({ kind: 'materialization' } as const)
      const read = (page: Page): Promise<readonly Materialization[]> =>
        store.assets.history(asset.name, { ...only, ...kind, ...page })
      const found = await newest(read, compared, (one) => one.kind !== 'wiped' && !isSelf(one), limit)
      return found.map(({ partition, at, metadata }): PastMaterialization => ({ partition, at, metadata }))
    },
    async results(limit = 30) {
      const read = (page: Page) => store.checks.history(asset.name, check.name, { ...only, ...page })
      const found = await newest(read, compared, () => true, limit)
      return found.map(({ partition, at, passed, metadata }): PastResult => ({ partition, at, passed, metadata }))
    },
  }
}

interface Page {
  readonly before?: number
  readonly limit: number
}

/** The newest rows that can be compared; of each window one. */
async function newest<Row extends { readonly id: number; readonly partition: string | null }>(
  read: (page: Page) => Promise<readonly Row[]>,
  { byWindow, has }: ReturnType<typeof comparableWith>,
  counts: (row: Row) => boolean,
  wanted: number,
): Promise<readonly Row[]> {
  const found: Row[] = []
  const seen = new Set<string | null>()
  // Nearly all that is there can mostly be compared: a run of many slices asks for each.
  let page: Page = { limit: Math.min(longestPage, 20 + wanted) }
  for (let looked = 0; looked < most && found.length < wanted;) {
    const rows = await read(page)
    for (const row of rows) {
      if (found.length >= wanted) break
      if (!has(row.partition) || !counts(row) || (byWindow && seen.has(row.partition))) continue
      seen.add(row.partition)
      found.push(row)
    }
    if (rows.length < page.limit) break
    looked += rows.length
    page = { before: rows.at(-1)!.id, limit: longestPage }
  }
  return found
}
