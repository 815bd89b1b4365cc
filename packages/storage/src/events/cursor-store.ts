import type { Change, DropCode } from '@sluice/engine/store'
import { first, type Session } from '../session.ts'

export async function moveCursor(
  session: Session,
  { name, from, to }: Extract<Change, { change: 'cursor.move' }>,
): Promise<DropCode | null> {
  const { db } = session
  const moved = await session.run(
    from === null
      ? db
          .insertInto('cursors')
          .values({ name, after: to })
          .onConflict((conflict) => conflict.doNothing())
      : db.updateTable('cursors').set({ after: to }).where('name', '=', name).where('after', '=', from),
  )
  return moved > 0 ? null : 'WATERMARK_MOVED'
}

export async function cursorOf(session: Session, name: string): Promise<number | null> {
  const row = await first(session, session.db.selectFrom('cursors').select('after').where('name', '=', name))
  return row?.after ?? null
}

/** The cursor that tells up to which number events were deleted. */
export const deleted = 'retention'

/** The number from which on all events are kept. */
export async function firstEvent(session: Session): Promise<number> {
  return ((await cursorOf(session, deleted)) ?? 0) + 1
}
