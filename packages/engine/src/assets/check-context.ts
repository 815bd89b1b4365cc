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

/** Records that are read at once, and at most for one question: what is looked for may be rare among them. */
const page = 500
const most = 5_000

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
      const read = (before: number | undefined): Promise<readonly Materialization[]> =>
        store.assets.history(asset.name, { ...only, ...kind, limit: page, ...(before !== undefined && { before }) })
      const found = await newest(read, compared, (one) => one.kind !== 'wiped' && !isSelf(one), limit)
      return found.map(({ partition, at, metadata }): PastMaterialization => ({ partition, at, metadata }))
    },
    async results(limit = 30) {
      const read = (before: number | undefined) =>
        store.checks.history(asset.name, check.name, { ...only, limit: page, ...(before !== undefined && { before }) })
      const found = await newest(read, compared, () => true, limit)
      return found.map(({ partition, at, passed, metadata }): PastResult => ({ partition, at, passed, metadata }))
    },
  }
}

/** The newest rows that can be compared; of each window one. */
async function newest<Row extends { readonly id: number; readonly partition: string | null }>(
  read: (before: number | undefined) => Promise<readonly Row[]>,
  { byWindow, has }: ReturnType<typeof comparableWith>,
  counts: (row: Row) => boolean,
  limit: number,
): Promise<readonly Row[]> {
  const found: Row[] = []
  const seen = new Set<string | null>()
  let before: number | undefined
  for (let looked = 0; looked < most && found.length < limit;) {
    const rows = await read(before)
    for (const row of rows) {
      if (found.length >= limit) break
      if (!has(row.partition) || !counts(row) || (byWindow && seen.has(row.partition))) continue
      seen.add(row.partition)
      found.push(row)
    }
    if (rows.length < page) break
    looked += rows.length
    before = rows.at(-1)!.id
  }
  return found
}
