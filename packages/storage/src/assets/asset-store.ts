import type { Materialization } from '@sluice/core'
import type { Insertable } from 'kysely'
import { sql } from 'kysely'
import { inlineOf, refOf } from '../columns.ts'
import { addEvent } from '../events/event-store.ts'
import { first, fixed, type Session } from '../session.ts'
import type { MaterializationRow } from '../tables.ts'

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

type Slice = { asset: string; partition: string; id: number }

/** The newest by id, also where the one of another writer is committed first. */
const madeNow = fixed<Slice>((db, { asset, partition, id }) =>
  db
    .insertInto('slices')
    .values({ asset, partition, materialization: id, observation: null })
    .onConflict((conflict) =>
      conflict
        .columns(['asset', 'partition'])
        .doUpdateSet({ materialization: sql.ref('excluded.materialization') })
        .where(sql<boolean>`coalesce(slices.materialization, 0) < excluded.materialization`),
    ),
)

const seenNow = fixed<Slice>((db, { asset, partition, id }) =>
  db
    .insertInto('slices')
    .values({ asset, partition, materialization: null, observation: id })
    .onConflict((conflict) =>
      conflict
        .columns(['asset', 'partition'])
        .doUpdateSet({ observation: sql.ref('excluded.observation') })
        .where(sql<boolean>`coalesce(slices.observation, 0) < excluded.observation`),
    ),
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
