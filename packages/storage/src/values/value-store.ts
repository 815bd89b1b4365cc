import type { Step } from '@sluice/core'
import type { Change, CollectableQuery, CollectableValue, ValueReads } from '@sluice/engine/store'
import { type RawBuilder, sql } from 'kysely'
import { collected, storedValue, toJson } from '../columns.ts'
import { first, fixed, raw, type Session } from '../session.ts'

type Dropped = Extract<Change, { change: 'values.dropped' }>
type Ref = { value_ref: string | null }

const refOfMaterialization = fixed<{ id: number }, Ref>((db, { id }) =>
  db.selectFrom('materializations').select('value_ref').where('id', '=', id),
)

/** Step 0 is the run itself. */
const refOfRun = fixed<{ run: string }, Ref>((db, { run }) =>
  db.selectFrom('runs').select('result_ref as value_ref').where('id', '=', run),
)

const refOfStep = fixed<{ run: string; step: number }, Ref>((db, { run, step }) =>
  db.selectFrom('steps').select('result_ref as value_ref').where('run', '=', run).where('step', '=', step),
)

const dropFromRuns = fixed<{ ref: string }>((db, { ref }) =>
  db.updateTable('runs').set({ result_ref: collected }).where('result_ref', '=', ref),
)

const dropFromSteps = fixed<{ ref: string }>((db, { ref }) =>
  db.updateTable('steps').set({ result_ref: collected }).where('result_ref', '=', ref),
)

const dropFromMaterializations = fixed<{ ref: string }>((db, { ref }) =>
  db.updateTable('materializations').set({ value_ref: collected }).where('value_ref', '=', ref),
)

const dropFromCache = fixed<{ ref: string }>((db, { ref }) =>
  db.deleteFrom('cache_entries').where('value_ref', '=', ref),
)

/** Marks the values as gone in every row that shares them: a step, what it published, and the retries that adopted it. */
export async function dropValues(session: Session, { materializations, steps }: Dropped): Promise<void> {
  const { alone } = session.dialect
  if (alone) await session.run(alone) // see `adoptSteps`
  const rows: (Ref | null)[] = []
  for (const id of materializations) rows.push(await first(session, refOfMaterialization(session, { id })))
  for (const it of steps)
    rows.push(await first(session, it.step === 0 ? refOfRun(session, it) : refOfStep(session, it)))
  const refs = [...new Set(rows.map((row) => row?.value_ref))].filter((ref) => ref != null && ref !== collected)
  const values = refs.map((ref) => ({ ref: ref as string }))
  await session.each(dropFromRuns, values)
  await session.each(dropFromSteps, values)
  await session.each(dropFromMaterializations, values)
  await session.each(dropFromCache, values)
}

type Candidate = { ref: string; materialization: number | null; run: string | null; step: number | null; name: string }
type Asked = { before: number; newer: number; settled: number; prefix: string; limit: number }

/** Every stored value, with what refers to it. */
const everything = sql`
    select value_ref, id, null, null, asset from materializations where value_ref is not null and value_ref <> ''
    union all
    select result_ref, null, run, step, name from steps where result_ref is not null and result_ref <> ''
    union all
    select result_ref, null, id, 0, name from runs where result_ref is not null and result_ref <> ''`

/** The values of the slices that a run recorded, by indexes alone. */
const slicesOf = (run: unknown) => sql`
    select made.value_ref, made.id, null, null, made.asset
    from (select distinct asset, partition from materializations where run = ${run}) as touched
    join materializations as made on made.asset = touched.asset and made.partition = touched.partition
    where made.value_ref is not null and made.value_ref <> ''`

/**
 * A value may go when nothing that shares it needs it: not a slice's newest materialization, nor one that is young and
 * among the newest, nor a row of a run that goes on or may be continued (crashed), nor a live cache entry.
 */
const among = (held: RawBuilder<unknown>, { before, newer, settled, prefix, limit }: Asked) =>
  sql<Candidate>`
  with held (ref, materialization, run, step, name) as (${held}
  ), values_held as (
    select *, row_number() over (partition by ref order by materialization is null, run, step) as nth from held
    where substr(ref, 1, length(${prefix})) = ${prefix}
  )
  select ref, materialization, run, step, name from values_held where nth = 1 and not exists (
      select 1 from materializations as made
      left join slices on slices.asset = made.asset and slices.partition = made.partition
      left join runs on runs.id = made.run
      where made.value_ref = ref and (
        slices.materialization = made.id
        or (runs.id is not null and (runs.ended_at is null or runs.state = 'crashed'))
        or (made.at >= ${before} and ${newer} > (
          select count(*) from (
            select 1 from materializations as later
            where later.asset = made.asset and later.partition = made.partition and later.id > made.id
              and later.kind = 'materialization' and later.value_ref is not null and later.at < ${settled}
            limit ${newer}
          ) as newer_ones
        ))
      )
    ) and not exists (
      select 1 from steps join runs on runs.id = steps.run
      where steps.result_ref = ref and (runs.ended_at is null or runs.ended_at >= ${before} or runs.state = 'crashed')
    ) and not exists (
      select 1 from runs
      where runs.result_ref = ref and (runs.ended_at is null or runs.ended_at >= ${before} or runs.state = 'crashed')
    ) and not exists (
      select 1 from cache_entries where cache_entries.value_ref = ref and (expires_at is null or expires_at > ${before})
    )
  limit ${limit}`

const candidates = fixed<Asked, Candidate>((db, asked) => raw(db, among(everything, asked)))
const candidatesOfRun = fixed<Asked & { of: string }, Candidate>((db, asked) =>
  raw(db, among(slicesOf(asked.of), asked)),
)

/** More versions than anybody has. */
const ALL = Number.MAX_SAFE_INTEGER

export async function collectableValues(
  session: Session,
  { before, versions, io, run, limit }: CollectableQuery,
): Promise<CollectableValue[]> {
  const asked = {
    before,
    newer: Math.min(versions?.newer ?? ALL, ALL),
    settled: versions?.settled ?? 0,
    // What `refOf` begins with.
    prefix: io === undefined ? '' : `{"io":${JSON.stringify(io)},`,
    limit,
  }
  const query = run === undefined ? candidates(session, asked) : candidatesOfRun(session, { ...asked, of: run })
  return (await session.all(query)).map((row) => {
    const value = storedValue(null, row.ref)!
    return row.materialization === null
      ? { run: row.run!, step: row.step!, name: row.name, value }
      : { materialization: row.materialization, name: row.name, value }
  })
}

type Slot = Parameters<ValueReads['live']>[0][number]

/** Also where its own run was forgotten: a result that the cache holds, or that a step took from there. */
const live = fixed<Slot & { cached: string }>((db, { run, epoch, step, attempt, cached }) =>
  raw(
    db,
    sql`
  select 1 where exists (
      select 1 from steps where run = ${run} and step = ${step} and epoch = ${epoch} and attempt = ${attempt}
        and result_ref is not null and result_ref <> ''
    ) or exists (
      select 1 from materializations where run = ${run} and step = ${step} and epoch = ${epoch} and attempt = ${attempt}
        and value_ref is not null and value_ref <> ''
    ) or exists (
      select 1 from runs where id = ${run} and epoch = ${epoch} and ${step} = 0
        and result_ref is not null and result_ref <> ''
    ) or exists (
      select 1 from runs where id = ${run} and epoch <= ${epoch}
        and state in ('waiting', 'starting', 'running', 'canceling')
    ) or exists (
      select 1 from cache_entries where run = ${run} and step = ${step} and value_ref is not null
    ) or exists (
      select 1 from steps where cached_from = ${cached} and result_ref is not null and result_ref <> ''
    )`,
  ),
)

export async function liveSlots(session: Session, slots: readonly Slot[]): Promise<boolean[]> {
  const answers: boolean[] = []
  for (const slot of slots) {
    const cached = toJson({ run: slot.run, step: slot.step } satisfies Step['cachedFrom'])!
    answers.push((await first(session, live(session, { ...slot, cached }))) !== null)
  }
  return answers
}
