import type { Change, DropCode, FreshnessReads } from '@sluice/engine/store'
import { addEvent } from '../events/event-store.ts'
import type { Session } from '../session.ts'

type Move = Extract<Change, { change: 'freshness.move' }>

/** Compared and set together with the event: of several servers that see a change one tells of it. */
export async function moveFreshness(session: Session, change: Move): Promise<DropCode | null> {
  const { asset, from, to, at, tell, location, madeAt } = change
  if ((await session.run(write(session, change))) === 0) return 'WATERMARK_MOVED'
  if (!tell) return null
  const data = { location, from, to, madeAt }
  await addEvent(session, { type: 'freshness.changed', at, run: null, asset, data })
  return null
}

function write({ db }: Session, { asset, from, to, at }: Move) {
  if (from === null)
    return db
      .insertInto('freshness')
      .values({ asset, state: to ?? '', since: at })
      .onConflict((conflict) => conflict.doNothing())
  if (to === null) return db.deleteFrom('freshness').where('asset', '=', asset).where('state', '=', from)
  return db.updateTable('freshness').set({ state: to, since: at }).where('asset', '=', asset).where('state', '=', from)
}

export async function listFreshness(session: Session): ReturnType<FreshnessReads['list']> {
  const rows = await session.all(session.db.selectFrom('freshness').selectAll().orderBy('asset'))
  return rows.map(({ asset, state, since }) => ({
    asset,
    since,
    state: state as Awaited<ReturnType<FreshnessReads['list']>>[number]['state'],
  }))
}
