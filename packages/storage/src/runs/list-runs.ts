import type { Run } from '@sluice/core'
import { type RunQuery, longestPage } from '@sluice/engine/store'
import { type RawBuilder, sql } from 'kysely'
import type { Session } from '../session.ts'
import { type Filter, filtersOf } from './run-filters.ts'
import { type Asked, all, between, few, idOf, idsOf, leadsOf } from './run-leads.ts'
import { readableRuns } from './run-row.ts'

/**
 * A page of runs, newest first. It follows the narrowest filter by its index, newest first, and asks the others of each
 * run it comes by, until the page is full; where all of them pass many it reads their indexes side by side. So neither
 * many runs that pass nor none at all make it read the table. (Left to themselves the databases gather every run of a
 * tag before they sort, or walk through all runs for a filter that none passes.)
 */
export async function listRuns(session: Session, q: RunQuery): Promise<Run[]> {
  if (q.states?.length === 0) return [] // not every database has an empty list
  const limit = Math.min(q.limit ?? 50, longestPage)
  const filters = await filtersOf(session, q)
  const rows = (await atHand(session, filters, q, limit)) ?? (await byLeads(session, filters, q, limit))
  const runs = readableRuns(rows)
  if (runs.length === rows.length || rows.length < limit) return runs
  // Damaged rows are left out: a page that they make shorter would be taken for the last one.
  const more = await listRuns(session, { ...q, before: rows.at(-1)!.id, limit: limit - runs.length })
  return [...runs, ...more]
}

/** Runs of one filter that are looked at before any are counted. */
const looked = 3_000

/**
 * A page that is full after a look at the newest of the first filter: most are, and then nothing is counted. `null` where
 * it is not. (Where indexes are read side by side that is as fast.)
 */
async function atHand(session: Session, filters: readonly Filter[], q: RunQuery, limit: number) {
  const lead = filters.find(({ branches, isOrdered }) => isOrdered && branches.length > 0)
  if (session.dialect.intersectsInOrder || filters.length < 2 || !lead) return null
  const newest = inAny(lead, (id) => between(id, q), looked)
  const others = filters.filter((filter) => filter !== lead).map(({ holds }) => holds(sql.ref('newest.id')))
  const ids = sql`select id from (${newest}) as newest where ${all(others)} order by id desc limit ${limit}`
  const rows = await session.all(pageOf(session, sql<boolean>`id in (${ids})`, limit))
  return rows.length === limit ? rows : null
}

async function byLeads(session: Session, filters: readonly Filter[], q: RunQuery, limit: number) {
  const leads = await leadsOf(session, filters, q)
  const others = filters.filter((filter) => !leads.includes(filter))
  const asked = (id: RawBuilder<unknown>) => [...between(id, q), ...others.map(({ holds }) => holds(id))]
  const [lead] = leads
  const inOrder = lead && (leads.length > 1 ? inAll(leads, asked, limit) : inAny(lead, asked, limit))
  const those = inOrder ? sql<boolean>`id in (${inOrder})` : all(asked(sql.ref('runs.id')))
  return session.all(pageOf(session, those, limit))
}

const pageOf = ({ db }: Session, those: RawBuilder<boolean>, limit: number) =>
  db.selectFrom('runs').selectAll().where(those).orderBy('id', 'desc').limit(limit)

/** The newest ids in any branch of a filter: of each its newest, or all where they are few. */
function inAny({ branches, isOrdered }: Filter, asked: Asked, limit: number): RawBuilder<unknown> {
  const parts = branches.map((branch) => {
    // Asked for in their order, PostgreSQL would walk through all runs to find the few.
    const taken = isOrdered ? sql`order by ${idOf(branch)} desc limit ${limit}` : sql`limit ${2 * few}`
    return sql`select * from (${idsOf(branch, asked)} ${taken}) as part`
  })
  return sql`select distinct id from (${sql.join(parts, sql` union all `)}) as parts order by id desc limit ${limit}`
}

/** The newest of the ids in the branches of all. */
function inAll(leads: readonly Filter[], asked: Asked, limit: number): RawBuilder<unknown> {
  const parts = leads.flatMap(({ branches }) => branches.map((branch) => idsOf(branch, asked)))
  return sql`${sql.join(parts, sql` intersect `)} order by 1 desc limit ${limit}`
}
