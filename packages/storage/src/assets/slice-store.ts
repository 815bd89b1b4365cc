import type { Change } from '@sluice/engine/store'
import { sql } from 'kysely'
import { addEvent } from '../events/event-store.ts'
import { fixed, type Session } from '../session.ts'

type Slice = { asset: string; partition: string; id: number }

/** The newest by id, also where the one of another writer is committed first. */
export const madeNow = fixed<Slice>((db, { asset, partition, id }) =>
  db
    .insertInto('slices')
    .values({ asset, partition, materialization: id })
    .onConflict((conflict) =>
      conflict
        .columns(['asset', 'partition'])
        .doUpdateSet({ materialization: sql.ref('excluded.materialization'), failed: null, failed_at: null })
        .where(sql<boolean>`coalesce(slices.materialization, 0) < excluded.materialization`),
    ),
)

export const seenNow = fixed<Slice>((db, { asset, partition, id }) =>
  db
    .insertInto('slices')
    .values({ asset, partition, observation: id })
    .onConflict((conflict) =>
      conflict
        .columns(['asset', 'partition'])
        .doUpdateSet({ observation: sql.ref('excluded.observation'), failed: null, failed_at: null })
        .where(sql<boolean>`coalesce(slices.observation, 0) < excluded.observation`),
    ),
)

/** Changes nothing where it is sent again. */
const failedNow = fixed<{ asset: string; partition: string; run: string; at: number }>((db, it) =>
  db
    .insertInto('slices')
    .values({ asset: it.asset, partition: it.partition, failed: it.run, failed_at: it.at })
    .onConflict((conflict) =>
      conflict
        .columns(['asset', 'partition'])
        .doUpdateSet({ failed: sql.ref('excluded.failed'), failed_at: sql.ref('excluded.failed_at') })
        .where(sql<boolean>`coalesce(slices.failed, '') <> excluded.failed or slices.failed_at <> excluded.failed_at`),
    ),
)

/** The fence was passed before. */
export async function failSlice(session: Session, change: Extract<Change, { change: 'asset.fail' }>): Promise<void> {
  const { run, step, asset, partition, at } = change
  const changed = await session.run(failedNow(session, { asset, partition: partition ?? '', run, at }))
  if (changed > 0) await addEvent(session, { type: 'asset.failed', at, run, step, asset, partition })
}
