import { type LimitClaim, rateOf } from '@sluice/core'
import type { Change, DropCode } from '@sluice/engine/store'
import { sql } from 'kysely'
import { first, fixed, type Session } from '../session.ts'

type Of<Name extends Change['change']> = Extract<Change, { change: Name }>
type Place = { readonly name: string; readonly key: string }

const placeOf = ({ name, key }: Pick<LimitClaim, 'name' | 'key'>): Place => ({ name, key: key ?? '' })

const held = fixed<Place, { held: number }>((db, { name, key }) =>
  db
    .selectFrom('slots')
    .select(({ fn, val }) => fn.coalesce(fn.sum<number>('count'), val(0)).as('held'))
    .where('name', '=', name)
    .where('key', '=', key),
)

/** Are that many slots free? The caller is alone (`Dialect.alone`). */
export async function roomIn(session: Session, claim: LimitClaim, atOnce: number, count = 1): Promise<boolean> {
  return Number((await first(session, held(session, placeOf(claim))))!.held) + count <= atOnce
}

const insert = fixed<Place & { run: string; step: number; at: number; count: number }>((db, it) =>
  db
    .insertInto('slots')
    .values({ name: it.name, key: it.key, run: it.run, step: it.step, taken_at: it.at, count: it.count })
    .onConflict((conflict) => conflict.doNothing()),
)

export async function takeSlot(
  session: Session,
  claim: LimitClaim,
  by: { run: string; step: number; at: number; count?: number },
) {
  await session.run(insert(session, { ...placeOf(claim), count: 1, ...by }))
}

const holders = fixed<Place, { run: string }>((db, { name, key }) =>
  db
    .selectFrom('slots')
    .select('run')
    .where('name', '=', name)
    .where('key', '=', key)
    .orderBy('taken_at')
    .orderBy('run')
    .limit(20),
)

/** The runs that hold it, the oldest first. */
export async function holdersOf(session: Session, claim: LimitClaim, most: number): Promise<string[]> {
  const rows = await session.all(holders(session, placeOf(claim)))
  return [...new Set(rows.map(({ run }) => run))].slice(0, most)
}

/** Brings a token bucket up to date: it starts full, and refills evenly. A clock that goes back refills nothing. */
export async function refill(
  session: Session,
  claim: LimitClaim,
  rate: Parameters<typeof rateOf>[0],
  at: number,
): Promise<{ tokens: number; perToken: number }> {
  const { count: size, period } = rateOf(rate)
  const perToken = period / size
  const { name, key } = placeOf(claim)
  const { db } = session
  const bucket = await first(
    session,
    db.selectFrom('buckets').selectAll().where('name', '=', name).where('key', '=', key),
  )
  const most = Math.max(1, size)
  const tokens = bucket ? Math.min(most, bucket.tokens + Math.max(0, at - bucket.filled_at) / perToken) : most
  await session.run(
    db
      .insertInto('buckets')
      .values({ name, key, tokens, filled_at: at })
      .onConflict((conflict) => conflict.columns(['name', 'key']).doUpdateSet({ tokens, filled_at: at })),
  )
  return { tokens, perToken }
}

export async function takeToken(session: Session, claim: LimitClaim): Promise<void> {
  const { name, key } = placeOf(claim)
  await session.run(
    session.db
      .updateTable('buckets')
      .set(({ eb }) => ({ tokens: eb('tokens', '-', 1) }))
      .where('name', '=', name)
      .where('key', '=', key),
  )
}

/** A slot for a step; or a place in line. The fence was passed before. */
export async function takeForStep(session: Session, change: Of<'slot.take'>): Promise<DropCode | null> {
  const { run, step, claim, at, count = 1 } = change
  const { dialect, db } = session
  if (dialect.alone) await session.run(dialect.alone)
  const place = placeOf(claim)
  if ('rate' in claim.options) {
    if ((await refill(session, claim, claim.options.rate, at)).tokens < 1) return 'LIMIT_FULL'
    await takeToken(session, claim)
    return null
  }
  const own = await first(
    session,
    db
      .selectFrom('slots')
      .select('run')
      .where('name', '=', place.name)
      .where('key', '=', place.key)
      .where('run', '=', run)
      .where('step', '=', step),
  )
  if (own) return null // sent again, or granted meanwhile
  const { atOnce, full } = claim.options
  const inLine = await first(
    session,
    db.selectFrom('slot_waiters').select('id').where('name', '=', place.name).where('key', '=', place.key).limit(1),
  )
  if (!inLine && (await roomIn(session, claim, atOnce, count))) {
    await takeSlot(session, claim, { run, step, at, count })
    return null
  }
  if (full === 'skip') return 'LIMIT_FULL'
  await session.run(
    db
      .insertInto('slot_waiters')
      .values({ ...place, run, step, at_once: atOnce, count })
      .onConflict((conflict) => conflict.doNothing()),
  )
  await grant(session, place, at)
  return 'LIMIT_FULL'
}

type OfStep = { run: string; step: number }

/** Every slot of a run where `step` is `every`. */
const every = -1
const ofStep = <T>(step: T) => sql<boolean>`(${step} = ${sql.lit(every)} or step = ${step})`

const heldBy = fixed<OfStep, Place & { taken_at: number }>((db, { run, step }) =>
  db.selectFrom('slots').select(['name', 'key', 'taken_at']).where('run', '=', run).where(ofStep(step)),
)
const concerned = fixed<OfStep>((db, { run, step }) =>
  db
    .selectFrom('slots')
    .select('run')
    .where('run', '=', run)
    .where(ofStep(step))
    .unionAll(db.selectFrom('slot_waiters').select('run').where('run', '=', run).where(ofStep(step)))
    .limit(1),
)
const giveBack = fixed<OfStep>((db, { run, step }) => db.deleteFrom('slots').where('run', '=', run).where(ofStep(step)))
const stopWaiting = fixed<OfStep>((db, { run, step }) =>
  db.deleteFrom('slot_waiters').where('run', '=', run).where(ofStep(step)),
)

/** Gives back what a step of a run (`null`: all of them) holds and waits for, to whoever is next in line. */
export async function freeSlots(session: Session, run: string, step: number | null): Promise<void> {
  const { alone } = session.dialect
  const its = { run, step: step ?? every }
  if (alone) {
    // Others may move it from the line to a slot meanwhile, but only this run's own changes put it into either.
    if (!(await first(session, concerned(session, its)))) return
    await session.run(alone)
  }
  const held = await session.all(heldBy(session, its))
  await session.run(stopWaiting(session, its))
  if (held.length === 0) return
  await session.run(giveBack(session, its))
  const places = new Map(held.map((slot) => [`${slot.name}\n${slot.key}`, slot]))
  for (const { name, key, taken_at: at } of places.values()) await grant(session, { name, key }, at)
}

/** The same of one limit only. */
export async function freeSlot(
  session: Session,
  by: OfStep & { readonly at?: number },
  limit: Pick<LimitClaim, 'name' | 'key'>,
): Promise<void> {
  const { db, dialect } = session
  const { name, key } = placeOf(limit)
  if (dialect.alone) await session.run(dialect.alone)
  const before = await first(
    session,
    db
      .selectFrom('slots')
      .select('taken_at')
      .where('name', '=', name)
      .where('key', '=', key)
      .where('run', '=', by.run)
      .where('step', '=', by.step),
  )
  for (const table of ['slots', 'slot_waiters'] as const) {
    await session.run(
      db
        .deleteFrom(table)
        .where('name', '=', name)
        .where('key', '=', key)
        .where('run', '=', by.run)
        .where('step', '=', by.step),
    )
  }
  await grant(session, { name, key }, by.at ?? before?.taken_at ?? 0)
}

/** Whoever is first in line has a slot now, as far as there are; then runs that stand blocked on it may be tried again. */
async function grant(session: Session, { name, key }: Place, at: number): Promise<void> {
  const { db } = session
  for (;;) {
    const next = await first(
      session,
      db.selectFrom('slot_waiters').selectAll().where('name', '=', name).where('key', '=', key).orderBy('id').limit(1),
    )
    if (!next) break
    const claim: LimitClaim = { name, key: key || null, options: { atOnce: next.at_once } }
    if (!(await roomIn(session, claim, next.at_once, next.count))) return
    await takeSlot(session, claim, { run: next.run, step: next.step, at, count: next.count })
    await session.run(db.deleteFrom('slot_waiters').where('id', '=', next.id))
  }
  const blocked = await first(
    session,
    db
      .selectFrom('queue')
      .select('run')
      .where('state', '=', sql.lit('blocked'))
      .where('blocked_on', '=', name)
      .where('blocked_key', '=', key)
      .orderBy('priority', 'desc')
      .orderBy('run')
      .limit(1),
  )
  if (blocked)
    await session.run(
      db
        .updateTable('queue')
        .set({ state: 'ready', blocked_on: null, blocked_key: null })
        .where('run', '=', blocked.run),
    )
}
