import { type RunState, runStates } from '@sluice/core'
import type { RunCount, RunCountQuery, RunCounts } from '@sluice/engine/store'
import { type RawBuilder, sql } from 'kysely'
import { first, raw, type Session } from '../session.ts'
import { type Filter, filtersOf } from './run-filters.ts'
import { all, between, idOf, leadsOf } from './run-leads.ts'

/** Runs of one state in one stretch that are counted by the index alone. */
const mostCounted = 10_000
/** Runs of one stretch that are looked at one by one. */
const mostLooked = 1_000

interface Row {
  readonly part: number
  /** `null`: they were looked at and do not pass. */
  readonly state: RunState | null
  readonly count: number
}

/** How many runs pass, by when they were made: a stretch of time is a range of every index of runs. */
export async function countRuns(session: Session, q: RunCountQuery): Promise<RunCounts> {
  const parts = Math.max(1, Math.min(60, q.parts))
  const since = Math.min(q.since ?? (await oldest(session)) ?? q.until - parts, q.until - 1)
  const width = Math.max(1, Math.ceil((q.until - since) / parts))
  const filters = await filtersOf(session, q)
  const isByState = filters.length === 0 || (filters.length === 1 && q.states !== undefined)
  const [lead] = isByState ? [] : await leadsOf(session, filters, { since, until: q.until })
  const most = isByState ? mostCounted : mostLooked
  const each = Array.from({ length: parts }, (_, part) => {
    const times = { since: since + part * width, until: Math.min(q.until, since + (part + 1) * width) }
    return isByState ? countStates(part, q.states ?? runStates, times) : [look(part, filters, lead, times)]
  })
  const text = sql<Row>`${sql.join(each.flat(), sql` union all `)}`
  const rows = q.states?.length === 0 ? [] : await session.all(raw(session.db, text))
  const byPart = Map.groupBy(rows, ({ part }) => part)
  const counts = Array.from({ length: parts }, (_, part): RunCount => {
    const own = (byPart.get(part) ?? []).filter(({ count }) => count > 0)
    const looked = isByState
      ? Math.max(0, ...own.map(({ count }) => count))
      : own.reduce((sum, { count }) => sum + count, 0)
    const states = Object.fromEntries(own.flatMap(({ state, count }) => (state === null ? [] : [[state, count]])))
    return { from: since + part * width, states, isMore: looked >= most }
  })
  return { since, until: q.until, width, counts }
}

/** When the oldest run was made: ids begin with that. */
async function oldest(session: Session): Promise<number | null> {
  const row = await first(session, session.db.selectFrom('runs').select('created_at').orderBy('id').limit(1))
  return row?.created_at ?? null
}

interface Times {
  readonly since: number
  readonly until: number
}

const countStates = (part: number, states: readonly RunState[], times: Times): RawBuilder<Row>[] =>
  states.map((state) => {
    const those = all([sql`state = ${state}`, ...between(sql.ref('runs.id'), times)])
    const counted = sql`select 1 as one from runs where ${those} limit ${mostCounted}`
    return sql<Row>`select ${sql.lit(part)} as part, ${sql.lit(state)} as state, count(*) as count from (${counted}) as counted`
  })

/** The newest that the narrowest filter passes, each asked for the others. */
function look(part: number, filters: readonly Filter[], lead: Filter | undefined, times: Times): RawBuilder<Row> {
  const branches = lead?.branches ?? [{ from: 'runs', id: 'id', where: sql`1 = 1` } as const]
  const each = branches.map((branch) => {
    const id = idOf(branch)
    const those = all([branch.where, ...between(id, times)])
    return sql`select * from (select ${id} as id from ${sql.table(branch.from)} where ${those} order by ${id} desc limit ${mostLooked}) as branch`
  })
  const passes = all(filters.filter((filter) => filter !== lead).map(({ holds }) => holds(sql.ref('runs.id'))))
  return sql<Row>`select * from (select ${sql.lit(part)} as part, case when ${passes} then runs.state end as state, count(*) as count
    from (select distinct id from (${sql.join(each, sql` union all `)}) as branches limit ${mostLooked}) as looked
    join runs on runs.id = looked.id group by 2) as counted`
}
