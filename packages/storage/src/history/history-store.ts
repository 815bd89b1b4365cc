import type { Change, DropCode } from '@sluice/engine/store'
import { sql } from 'kysely'
import { deleted } from '../events/cursor-store.ts'
import { first, fixed, raw, type Session } from '../session.ts'
import type { Fences } from '../runs/fences.ts'
import { assetsOf, runFromRow, tagsOf, textsOf } from '../runs/run-row.ts'
import { rowOf } from '../runs/run-store.ts'
import { rules } from './rules.ts'

type Forget = Extract<Change, { change: 'history.forget' }>
type ForgetRun = Extract<Change, { change: 'run.forget' }>

export async function forgetHistory(session: Session, { of, ids, before }: Forget): Promise<void> {
  if (ids.length === 0) return
  if (of === 'events') await forgetEvents(session, ids as readonly number[], before)
  else {
    const { table, id, at, spare } = rules[of]
    const gone = await session.all(
      raw<{ what: string | null }>(
        session.db,
        sql`delete from ${sql.table(table)} as it where ${sql.ref(`it.${id}`)} in (${sql.join(ids)})
          and ${sql.ref(`it.${at}`)} < ${before} and ${spare} returning ${sql.ref(returned[of] ?? id)} as what`,
      ),
    )
    if (of === 'records') await uncount(session, whatOf(gone))
    if (of === 'versions')
      await session.each(
        unusedBundle,
        whatOf(gone).map((bundle) => ({ bundle })),
      )
  }
  await session.dialect.giveBack?.(session)
}

async function forgetEvents(session: Session, ids: readonly number[], before: number): Promise<void> {
  const { db } = session
  const to = Math.max(...ids)
  const old = db.deleteFrom('events').where('id', '<=', to).where('at', '<', before)
  await session.run(old.where('id', '<', sql<number>`(select max(id) from events)`))
  await session.run(
    db
      .insertInto('cursors')
      .values({ name: deleted, after: to })
      .onConflict((conflict) =>
        conflict
          .column('name')
          .doUpdateSet({ after: sql.ref('excluded.after') })
          .where(sql<boolean>`excluded.after > cursors.after`),
      ),
  )
}

/** A column that tells what else changes with the rows that go. */
const returned: { readonly [Of in Forget['of']]?: string } = { records: 'asset', versions: 'bundle' }
const whatOf = (gone: readonly { what: string | null }[]): string[] =>
  gone.flatMap(({ what }) => (what === null ? [] : [what]))

// The same code may be of several versions, and locations.
const unusedBundle = fixed<{ bundle: string }>((db, { bundle }) =>
  raw(
    db,
    sql`delete from blobs where ref = 'bundles/' || ${bundle}
      and not exists (select 1 from location_versions where location_versions.bundle = ${bundle})`,
  ),
)

async function uncount(session: Session, gone: readonly string[]): Promise<void> {
  const counts = new Map<string, number>()
  for (const asset of gone) counts.set(asset, (counts.get(asset) ?? 0) + 1)
  // In one order, whoever does it: two that lock the rows of assets do not wait for each other.
  const values = [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([asset, less]) => ({ asset, less }))
  await session.each(lessRecords, values)
}

const lessRecords = fixed<{ asset: string; less: number }>((db, { asset, less }) =>
  db
    .updateTable('assets')
    .set({ records: sql<number>`records - ${less}` })
    .where('asset', '=', asset),
)

const retryOf = fixed<{ run: string }, { id: string }>((db, { run }) =>
  db.selectFrom('runs').select('id').where('retry_of', '=', run).limit(1),
)

// The last ones first: what is left is a journal whose parents are there.
const steps = fixed<{ run: string; rows: number }>((db, { run, rows }) =>
  raw(
    db,
    sql`delete from steps where run = ${run} and step in (
      select step from steps where run = ${run} order by step desc limit ${rows})`,
  ),
)

const lines = fixed<{ run: string; rows: number }>((db, { run, rows }) =>
  raw(db, sql`delete from log_lines where id in (select id from log_lines where run = ${run} limit ${rows})`),
)

const deliveries = fixed<{ run: string }>((db, { run }) => db.deleteFrom('deliveries').where('run', '=', run))
const tag = fixed<{ tag: string; value: string; run: string }>((db, it) =>
  db.deleteFrom('run_tags').where('tag', '=', it.tag).where('value', '=', it.value).where('run', '=', it.run),
)
const ofAsset = fixed<{ asset: string; run: string }>((db, { asset, run }) =>
  db.deleteFrom('run_assets').where('asset', '=', asset).where('run', '=', run),
)
// A run of that name that another server makes in this very moment is found by it again with the next one.
const unusedText = fixed<{ text: string }>((db, { text }) =>
  raw(
    db,
    sql`delete from run_texts where text = ${text} and not exists (select 1 from runs where name = ${text})
      and not exists (select 1 from runs where title = ${text})`,
  ),
)
const itself = fixed<{ run: string }>((db, { run }) => db.deleteFrom('runs').where('id', '=', run))

export async function forgetRun(
  session: Session,
  fences: Fences,
  { run, before, rows }: ForgetRun,
): Promise<DropCode | null> {
  if (!fences.head(run)) return 'RUN_UNKNOWN'
  const { alone } = session.dialect
  if (alone) await session.run(alone) // a retry that is made meanwhile would adopt a part: `adoptSteps`
  const row = await rowOf(session, run)
  if (!row) return 'RUN_UNKNOWN'
  if (row.ended_at === null || row.ended_at >= before) return 'RUN_KEPT'
  if (await first(session, retryOf(session, { run }))) return 'RUN_KEPT'
  const left = [await session.run(steps(session, { run, rows })), await session.run(lines(session, { run, rows }))]
  if (left.every((count) => count < rows)) {
    await session.run(deliveries(session, { run }))
    const its = runFromRow(row)
    await session.each(tag, tagsOf(its))
    await session.each(ofAsset, assetsOf(its))
    await session.run(itself(session, { run }))
    await session.each(unusedText, textsOf([its]))
  }
  await session.dialect.giveBack?.(session)
  return null
}
