import { type Acknowledged, type Change, longestPage } from '@sluice/engine/store'
import type { Session } from '../session.ts'

/** A failure that nobody looked at for this long is news again. In milliseconds. */
const kept = 90 * 86_400_000

type Acknowledge = Extract<Change, { change: 'failure.acknowledge' }>

export async function acknowledge(session: Session, { failure, by, at }: Acknowledge): Promise<void> {
  const { db, dialect } = session
  await session.run(
    db
      .deleteFrom('acknowledgements')
      .where(({ or, eb }) => or([eb('failure', '=', failure), eb('at', '<', at - kept)])),
  )
  if (by === null) return
  await session.run(
    db
      .insertInto('acknowledgements')
      .values({ failure, by: dialect.storable(by), at })
      // Of two at the same moment one is enough.
      .onConflict((conflict) => conflict.doNothing()),
  )
}

export async function acknowledged(session: Session, limit: number): Promise<Acknowledged[]> {
  const query = session.db.selectFrom('acknowledgements').selectAll().orderBy('at', 'desc').orderBy('failure')
  return await session.all(query.limit(Math.min(limit, longestPage)))
}
