import { sql } from 'kysely'
import { addEvent } from '../events/event-store.ts'
import { first, fixed, raw, type Session } from '../session.ts'

type Key = { name: string; key: string }

const add = fixed<Key & { at: number }>((db, { name, key, at }) =>
  db
    .insertInto('partition_keys')
    .values({ name, key, added_at: at })
    .onConflict((conflict) => conflict.doNothing()),
)

const remove = fixed<Key>((db, { name, key }) =>
  db.deleteFrom('partition_keys').where('name', '=', name).where('key', '=', key),
)

export async function addKeys(session: Session, name: string, keys: readonly string[], at: number): Promise<void> {
  const added = await session.each(
    add,
    keys.map((key) => ({ name, key, at })),
  )
  if (added.some((count) => count > 0)) await tell(session, name, at)
}

export async function removeKeys(session: Session, name: string, keys: readonly string[]): Promise<void> {
  const removed = await session.each(
    remove,
    keys.map((key) => ({ name, key })),
  )
  if (removed.every((count) => count === 0)) return
  const [clock] = await session.all(raw<{ now: number }>(session.db, sql`select ${session.dialect.now} as now`))
  await tell(session, name, clock!.now)
}

const tell = (session: Session, name: string, at: number) =>
  addEvent(session, { type: 'partitions.changed', at, run: null, data: { name } })

export async function listKeys(session: Session, name: string): Promise<string[]> {
  const query = session.db.selectFrom('partition_keys').select('key').where('name', '=', name).orderBy('id')
  return (await session.all(query)).map((row) => row.key)
}

export async function pageOfKeys(
  session: Session,
  name: string,
  { after = 0, limit }: { readonly after?: number; readonly limit: number },
): Promise<{ id: number; key: string }[]> {
  const query = session.db
    .selectFrom('partition_keys')
    .select(['id', 'key'])
    .where('name', '=', name)
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
  return session.all(query)
}

export async function countKeys(session: Session, name: string): Promise<number> {
  const query = session.db
    .selectFrom('partition_keys')
    .select(({ fn }) => fn.countAll<number>().as('keys'))
    .where('name', '=', name)
  return (await first(session, query))?.keys ?? 0
}
