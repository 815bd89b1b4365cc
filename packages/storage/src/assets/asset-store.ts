import type { Materialization } from '@sluice/core'
import type { Insertable } from 'kysely'
import { sql } from 'kysely'
import { inlineOf, refOf } from '../columns.ts'
import { addEvent } from '../events/event-store.ts'
import { first, fixed, type Session } from '../session.ts'
import type { MaterializationRow } from '../tables.ts'
import { madeNow, seenNow } from './slice-store.ts'

const insert = fixed<Required<Omit<Insertable<MaterializationRow>, 'id'>>, { id: number }>((db, it) =>
  db
    .insertInto('materializations')
    .values({
      kind: it.kind,
      asset: it.asset,
      partition: it.partition,
      run: it.run,
      epoch: it.epoch,
      step: it.step,
      attempt: it.attempt,
      at: it.at,
      value: it.value,
      value_ref: it.value_ref,
      data_version: it.data_version,
      code_version: it.code_version,
      input_versions: it.input_versions,
      metadata: it.metadata,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id'),
)

/** Records what an attempt made or saw, what is current by it, and the event. The fence was passed before. */
export async function recordAsset(session: Session, it: Materialization, epoch: number): Promise<void> {
  const { kind, asset, run, step, attempt, at } = it
  const partition = it.partition ?? ''
  const inserted = await first(
    session,
    insert(session, {
      kind,
      asset,
      partition,
      run,
      epoch,
      step,
      attempt,
      at,
      value: inlineOf(it.value),
      value_ref: refOf(it.value),
      data_version: it.dataVersion,
      code_version: it.codeVersion,
      input_versions: JSON.stringify(it.inputVersions),
      metadata: JSON.stringify(it.metadata),
    }),
  )
  if (!inserted) return // sent again
  const { id } = inserted
  // First, as it locks the row of the asset: what follows is not done by two at once.
  await session.run(count(session, { asset, id }))
  if (kind === 'materialization') {
    if (partition !== '' && !(await isMade(session, asset, partition)))
      await session.run(countSlice(session, { asset }))
    await session.run(madeNow(session, { asset, partition, id }))
  } else await session.run(seenNow(session, { asset, partition, id }))
  await addEvent(session, {
    type: kind === 'materialization' ? 'asset.materialized' : 'asset.observed',
    at,
    run,
    step,
    asset,
    partition: it.partition,
    data: { id, dataVersion: it.dataVersion },
  })
}

async function isMade(session: Session, asset: string, partition: string): Promise<boolean> {
  return (await first(session, made(session, { asset, partition }))) !== null
}

const made = fixed<{ asset: string; partition: string }>((db, { asset, partition }) =>
  db
    .selectFrom('slices')
    .select('asset')
    .where('asset', '=', asset)
    .where('partition', '=', partition)
    .where('materialization', 'is not', null),
)

const count = fixed<{ asset: string; id: number }>((db, { asset, id }) =>
  db
    .insertInto('assets')
    .values({ asset, latest: id, records: 1, partitions: 0 })
    .onConflict((conflict) =>
      conflict.column('asset').doUpdateSet({
        latest: sql<number>`case when excluded.latest > assets.latest then excluded.latest else assets.latest end`,
        records: sql<number>`assets.records + 1`,
      }),
    ),
)

const countSlice = fixed<{ asset: string }>((db, { asset }) =>
  db
    .updateTable('assets')
    .set({ partitions: sql<number>`partitions + 1` })
    .where('asset', '=', asset),
)
