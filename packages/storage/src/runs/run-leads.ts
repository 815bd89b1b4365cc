import type { RunQuery } from '@sluice/engine/store'
import { type RawBuilder, sql } from 'kysely'
import { raw, type Session } from '../session.ts'
import type { Branch, Filter } from './run-filters.ts'

/** Runs that are counted at most for each filter, to find the narrowest. */
export const few = 5_000

type Times = Pick<RunQuery, 'since' | 'until' | 'before'>

export const idOf = ({ from, id }: Branch): RawBuilder<unknown> => sql.ref(`${from}.${id}`)
export const all = (conditions: readonly RawBuilder<unknown>[]): RawBuilder<boolean> =>
  conditions.length === 0 ? sql`1 = 1` : sql`${sql.join(conditions, sql` and `)}`

/** What else is asked of a run, by its id. */
export type Asked = (id: RawBuilder<unknown>) => readonly RawBuilder<unknown>[]

/** The ids that a branch leads to, of those that pass what is asked. */
export const idsOf = (branch: Branch, asked: Asked): RawBuilder<unknown> => {
  const id = idOf(branch)
  return sql`select ${id} as id from ${sql.table(branch.from)} where ${all([branch.where, ...asked(id)])}`
}

/** The part of the order that the query asks for: ids sort by when runs were made, so a time is a place among them. */
export function between(id: RawBuilder<unknown>, q: Times): RawBuilder<unknown>[] {
  const bounds: RawBuilder<unknown>[] = []
  if (q.since !== undefined) bounds.push(sql`${id} >= ${firstIdAt(q.since)}`)
  if (q.until !== undefined) bounds.push(sql`${id} < ${firstIdAt(q.until)}`)
  if (q.before !== undefined) bounds.push(sql`${id} < ${q.before}`)
  return bounds
}

const firstIdAt = (at: number): string => `r${Math.max(0, at).toString(36).padStart(9, '0')}`

/** The filters whose indexes are followed: the narrowest, or several side by side; none where that is of no use. */
export async function leadsOf(session: Session, filters: readonly Filter[], q: Times): Promise<readonly Filter[]> {
  const useful = filters.filter(({ branches }) => branches.length > 0)
  const ordered = useful.filter(({ isOrdered }) => isOrdered)
  if (useful.length < 2 && ordered.length === useful.length) return useful
  const best = await narrowest(session, useful, q)
  if (best) return [best]
  const single = ordered.filter(({ branches }) => branches.length === 1)
  if (session.dialect.intersectsInOrder && single.length > 1) return single
  return ordered.length > 1 ? [await thinnest(session, ordered, q)] : ordered
}

/** The filter that the fewest runs pass, where those are few. */
async function narrowest(session: Session, filters: readonly Filter[], q: Times) {
  let best: Filter | null = null
  let fewest = few
  for (const filter of filters) {
    const count = await countOf(session, filter, q, fewest)
    if (count < fewest) [best, fewest] = [filter, count]
  }
  return best
}

/** How many runs pass, counted by the index; `most` stands for more. */
async function countOf(session: Session, { branches }: Filter, q: Times, most: number): Promise<number> {
  const each = branches.map((branch) => {
    const conditions = [branch.where, ...between(idOf(branch), q)]
    return sql`select * from (select 1 as one from ${sql.table(branch.from)} where ${all(conditions)} limit ${most}) as part`
  })
  const text = sql<{ count: number }>`select count(*) as count from (${sql.join(each, sql` union all `)}) as parts`
  return (await session.all(raw(session.db, text)))[0]!.count
}

/** The filter whose newest runs lie farthest apart: all of them pass many, and to count those would take longest. */
async function thinnest(session: Session, filters: readonly Filter[], q: Times): Promise<Filter> {
  const reach = await Promise.all(filters.map((filter) => reachOf(session, filter, q)))
  return filters[reach.indexOf(reach.toSorted()[0]!)]!
}

/** How far back a few of a filter's newest runs reach: the id of the last of them. */
async function reachOf(session: Session, { branches }: Filter, q: Times): Promise<string> {
  const nth = Math.floor(few / branches.length)
  const each = branches.map((branch) => {
    const ids = idsOf(branch, (id) => between(id, q))
    return sql`select * from (${ids} order by ${idOf(branch)} desc limit 1 offset ${nth}) as part`
  })
  const text = sql<{ id: string | null }>`select max(id) as id from (${sql.join(each, sql` union all `)}) as parts`
  return (await session.all(raw(session.db, text)))[0]!.id ?? ''
}
