import type { Change, CacheReads } from '@sluice/engine/store'
import { type Selectable, sql } from 'kysely'
import { inlineOf, refOf, storedValue } from '../columns.ts'
import { first, fixed, type Session } from '../session.ts'
import type { CacheRow } from '../tables.ts'

/** The newest result wins, by its own time: one that is sent again does not replace what came after it. */
const put = fixed<Selectable<CacheRow>>((db, it) =>
  db
    .insertInto('cache_entries')
    .values({
      key: it.key,
      run: it.run,
      step: it.step,
      value: it.value,
      value_ref: it.value_ref,
      at: it.at,
      expires_at: it.expires_at,
    })
    .onConflict((conflict) =>
      conflict
        .column('key')
        .doUpdateSet({
          run: sql.ref('excluded.run'),
          step: sql.ref('excluded.step'),
          value: sql.ref('excluded.value'),
          value_ref: sql.ref('excluded.value_ref'),
          at: sql.ref('excluded.at'),
          expires_at: sql.ref('excluded.expires_at'),
        })
        .where(sql<boolean>`excluded.at >= cache_entries.at`),
    ),
)

export async function putCache(session: Session, it: Extract<Change, { change: 'cache.put' }>): Promise<void> {
  const { key, run, step, value, at } = it
  await session.run(
    put(session, { key, run, step, value: inlineOf(value), value_ref: refOf(value), at, expires_at: it.expiresAt }),
  )
}

const get = fixed<{ key: string; now: number }, Selectable<CacheRow>>((db, { key, now }) =>
  db
    .selectFrom('cache_entries')
    .selectAll()
    .where('key', '=', key)
    .where((its) => its.or([its('expires_at', 'is', null), its('expires_at', '>', now)])),
)

export async function getCache(session: Session, key: string, now: number): ReturnType<CacheReads['get']> {
  const row = await first(session, get(session, { key, now }))
  const value = row && storedValue(row.value, row.value_ref)
  return value && { run: row.run, step: row.step, value }
}
