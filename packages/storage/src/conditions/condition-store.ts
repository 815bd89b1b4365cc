import type { Change, ConditionHead, ConditionReads, DropCode } from '@sluice/engine/store'
import { sql } from 'kysely'
import { lastEvent } from '../events/event-store.ts'
import { readable } from '../readable.ts'
import { first, fixed, raw, type Session } from '../session.ts'
import { addEvaluations } from './evaluation-store.ts'

type Of<Name extends Change['change']> = Extract<Change, { change: Name }>

// On a database where others write at the same time the row itself decides.
const moveOn = fixed<{ from: number; at: number }>((db, { from, at }) =>
  db
    .updateTable('condition_head')
    .set({ version: sql<number>`version + 1`, at })
    .where('version', '=', from),
)

const begin = fixed<{ at: number }>((db, { at }) =>
  db
    .insertInto('condition_head')
    .values({ one: 1, version: 1, at })
    .onConflict((conflict) => conflict.doNothing()),
)

const remember = fixed<{ entity: string; state: string; version: number }>((db, it) =>
  db
    .insertInto('condition_states')
    .values({ entity: it.entity, state: it.state, version: it.version })
    .onConflict((conflict) =>
      conflict.column('entity').doUpdateSet({ state: sql.ref('excluded.state'), version: sql.ref('excluded.version') }),
    ),
)

const forget = fixed<{ entity: string }>((db, { entity }) =>
  db.deleteFrom('condition_states').where('entity', '=', entity),
)

export async function applyConditionChange(
  session: Session,
  change: Of<'conditions.decide' | 'conditions.pause'>,
): Promise<DropCode | null> {
  if (change.change === 'conditions.decide') return decide(session, change)
  const { entity, paused } = change
  const { db } = session
  await session.run(
    paused === null
      ? db.deleteFrom('condition_pauses').where('entity', '=', entity)
      : db
          .insertInto('condition_pauses')
          .values({ entity, paused: Number(paused) })
          .onConflict((conflict) => conflict.column('entity').doUpdateSet({ paused: Number(paused) })),
  )
  return null
}

async function decide(session: Session, change: Of<'conditions.decide'>): Promise<DropCode | null> {
  const { from, at, states, gone, evaluations } = change
  const moved = await session.run(from === 0 ? begin(session, { at }) : moveOn(session, { from, at }))
  if (moved === 0) return 'WATERMARK_MOVED'
  const version = from + 1
  await session.each(
    forget,
    gone.map((entity) => ({ entity })),
  )
  await session.each(
    remember,
    states.map(({ entity, state }) => ({ entity, state, version })),
  )
  await addEvaluations(session, evaluations)
  return null
}

export async function conditionHead(session: Session): Promise<ConditionHead> {
  const { db, dialect } = session
  const [clock] = await session.all(raw<{ now: number }>(db, sql`select ${dialect.now} as now`))
  const row = await first(session, db.selectFrom('condition_head').select(['version', 'at']))
  const last = await lastEvent(session)
  return { version: row?.version ?? 0, at: row?.at ?? null, now: clock!.now, lastEvent: last }
}

export async function conditionStates(session: Session, after: number): ReturnType<ConditionReads['states']> {
  const query = session.db
    .selectFrom('condition_states')
    .select(['entity', 'state'])
    .where('version', '>', after)
    .orderBy('entity')
  const rows = await session.all(query)
  return readable(
    'condition_states',
    rows,
    ({ entity, state }) => {
      JSON.parse(state) // who reads it counts on it
      return { entity, state }
    },
    ({ entity }) => entity,
  )
}

export async function conditionPauses(session: Session): ReturnType<ConditionReads['pauses']> {
  const rows = await session.all(session.db.selectFrom('condition_pauses').selectAll().orderBy('entity'))
  return rows.map(({ entity, paused }) => ({ entity, paused: paused === 1 }))
}
