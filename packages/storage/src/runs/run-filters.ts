import { partitionTag } from '@sluice/core'
import type { RunQuery } from '@sluice/engine/store'
import { type RawBuilder, sql } from 'kysely'
import type { Session } from '../session.ts'
import { ownerTag } from './run-row.ts'

/** Where the ids of runs lie, in their order: an index leads to those that pass one filter. */
export interface Branch {
  readonly from: 'runs' | 'run_tags' | 'run_assets'
  /** The column that has the run's id. */
  readonly id: 'id' | 'run'
  readonly where: RawBuilder<unknown>
}

/** One filter: where its runs are found, and how one run is asked whether it passes. */
export interface Filter {
  /** A run that passes is in at least one of them. */
  readonly branches: readonly Branch[]
  /** Each branch gives its newest first without reading the others; otherwise it is only for few. */
  readonly isOrdered: boolean
  /** Does the run with the id in this column pass? */
  holds(id: RawBuilder<unknown>): RawBuilder<unknown>
}

/** Names and titles that a text is looked for in one by one; with more of them their runs are sorted. */
const mostTexts = 50
/** With more than these the text is common: it is asked of the runs themselves. */
const manyTexts = 5_000

/** A filter for everything that the query asks, but times and the page before: those are places in the order. */
export async function filtersOf(session: Session, q: RunQuery): Promise<Filter[]> {
  const filters: Filter[] = []
  const add = (filter: Filter): void => void filters.push(filter)
  // Those that few runs pass come first, as a rule: where all of them pass many, the first one is followed.
  if (q.asset !== undefined) add(by('run_assets', sql`asset = ${q.asset}`))
  if (q.partition !== undefined) add(tagged(partitionTag, q.partition))
  if (q.text !== undefined) add(await containing(session, q.text))
  if (q.job !== undefined) add(ofRuns([sql`job = ${q.job}`]))
  if (q.name !== undefined) add(ofRuns([sql`name = ${q.name}`]))
  if (q.owner !== undefined) add(tagged(ownerTag, q.owner))
  if (q.tag !== undefined) {
    const at = q.tag.indexOf('=')
    add(at < 0 ? by('run_tags', sql`tag = ${q.tag}`) : tagged(q.tag.slice(0, at), q.tag.slice(at + 1)))
  }
  if (q.states) add(ofRuns(q.states.map((state) => sql`state = ${state}`)))
  return filters
}

const tagged = (tag: string, value: string): Filter => by('run_tags', sql`tag = ${tag} and value = ${value}`)

const by = (from: 'run_tags' | 'run_assets', where: RawBuilder<unknown>): Filter => ({
  branches: [{ from, id: 'run', where }],
  isOrdered: true,
  // Named otherwise than the table of a branch, which the id may be of.
  holds: (id) => sql`exists (select 1 from ${sql.table(from)} as it where ${where} and it.run = ${id})`,
})

/** Conditions of which one holds, each with an index that has the id next. */
function ofRuns(conditions: readonly RawBuilder<unknown>[]): Filter {
  return {
    branches: conditions.map((where) => ({ from: 'runs', id: 'id', where })),
    isOrdered: true,
    holds: (id) => sql`exists (select 1 from runs as it where it.id = ${id} and (${sql.join(conditions, sql` or `)}))`,
  }
}

/** In a name or a title, or at the beginning of an id. */
async function containing(session: Session, text: string): Promise<Filter> {
  const { db, dialect } = session
  const isIn = (column: string) => dialect.contains(sql.ref<string | null>(column), text)
  const begins = sql`id >= ${text} and id < ${`${text}\uffff`}`
  const query = db.selectFrom('run_texts').select('text').where(dialect.textContains(text))
  const found = (await session.all(query.limit(manyTexts + 1))).map((row) => row.text)
  const isOrdered = found.length <= mostTexts
  const conditions = isOrdered
    ? found.flatMap((one) => [sql`name = ${one}`, sql`title = ${one}`])
    : [dialect.among(sql.ref('name'), found), dialect.among(sql.ref('title'), found)]
  return {
    branches: found.length > manyTexts ? [] : ofRuns([begins, ...conditions]).branches,
    isOrdered,
    holds: (id) =>
      sql`exists (select 1 from runs as it where it.id = ${id} and ((${begins}) or ${isIn('name')} or ${isIn('title')}))`,
  }
}
