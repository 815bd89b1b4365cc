import type { BodyOf, ResultOf, Routes } from '@sluice/api'
import {
  type Backfill,
  type BackfillPart,
  type PartProgress,
  SluiceError,
  concurrencyOf,
  domainOfPart,
  keysIn,
  sets,
  sizeOfPlan,
  timeLeft,
  widthOf,
} from '@sluice/core'
import { type BackfillAction, type Change, actOnBackfill, changeConcurrency, planBackfill } from '@sluice/engine'
import type { Context } from '../context.ts'
import type { HandlersOf } from '../http/handlers.ts'
import { pageOf } from '../http/page.ts'

type Shown = ResultOf<Routes['backfills']['get']>['backfill']
type Request = BodyOf<Routes['backfills']['create']>

/** Somebody else may decide at the same moment, every time that one tries; hardly so often. */
const tries = 50

/** @throws SluiceError NOT_FOUND. */
async function theBackfill({ store }: Context, id: string): Promise<Backfill> {
  const found = await store.backfills.find(id)
  if (found) return found
  throw new SluiceError('NOT_FOUND', `There is no backfill ${id}, or several ids begin so.`, {
    hint: 'sluice backfills list shows the newest ones.',
  })
}

function countsOf(part: BackfillPart, { asked, done, failed }: PartProgress) {
  const of = (one: BackfillPart['set']): number => sets.countOf(one) * widthOf(part)
  return { slices: of(part.set), done: of(done), failed: of(failed), open: of(asked) - of(done) - of(failed) }
}

function shown(backfill: Backfill, places: number): Shown {
  const { id, location, plan, progress, state, createdAt, endedAt } = backfill
  const parts = plan.parts.flatMap((part, n) =>
    widthOf(part) > 0 ? [{ assets: [...part.assets], ...countsOf(part, progress.parts[n]!) }] : [],
  )
  const sum = (of: 'slices' | 'done' | 'failed' | 'open'): number => parts.reduce((all, part) => all + part[of], 0)
  const concurrency = concurrencyOf(backfill)
  const left = endedAt === null ? timeLeft(backfill, Math.min(concurrency ?? Infinity, places)) : 0
  return {
    id,
    location,
    target: plan.target,
    partitions: plan.partitions,
    policy: plan.policy,
    concurrency,
    job: plan.job,
    tags: { ...plan.tags },
    state,
    slices: sum('slices'),
    done: sum('done'),
    failed: sum('failed'),
    open: sum('open'),
    runs: { open: progress.open.length, ended: progress.runs },
    left: left === null ? null : Math.round(left),
    parts,
    createdAt,
    endedAt,
  }
}

/** How many runs all workers together execute at once. */
const placesOf = async ({ store }: Context): Promise<number> =>
  (await store.workers.list()).reduce((sum, { draining, slots }) => sum + (draining ? 0 : slots), 0)

async function planned(context: Context, body: Request) {
  const { location, ...request } = body
  const code = await context.locations.of(request.target, location)
  const { store, states, now } = context
  const { location: its, snapshot } = code
  return planBackfill({ store, states, location: its, snapshot, request, now: now() })
}

/** Commits what is decided of it as it is, until nobody else has decided meanwhile. */
async function change(context: Context, prefix: string, decide: (now: Backfill) => Change | null) {
  const { id } = await theBackfill(context, prefix)
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const decided = decide(await theBackfill(context, id))
    if (decided === null || (await context.store.commit([decided]))[0]?.ok)
      return { backfill: shown(await theBackfill(context, id), await placesOf(context)) }
  }
  throw new SluiceError('CONFLICT', `Backfill ${id} changes all the time: ask again.`)
}

const act =
  (action: BackfillAction) =>
  (context: Context, { backfill }: { readonly backfill: string }) =>
    change(context, backfill, (one) => actOnBackfill(one, action, context.now()))

function* failedSlices({ plan, progress }: Backfill): Generator<readonly [readonly string[], string | null]> {
  for (const [n, part] of plan.parts.entries())
    for (const key of keysIn(domainOfPart(plan, part), progress.parts[n]!.failed)) yield [part.assets, key]
}

export const backfillHandlers: HandlersOf<'backfills'> = {
  async list(context, { state, cursor: before, limit }) {
    const rows = await context.store.backfills.list({
      limit: limit + 1,
      ...(state !== undefined && { states: [state] }),
      ...(before !== undefined && { before }),
    })
    const places = await placesOf(context)
    const { page, next } = pageOf(rows, limit, ({ id }) => id)
    return { backfills: page.map((one) => shown(one, places)), next }
  },
  async create(context, { body }) {
    const { backfill, leftOut } = await planned(context, body)
    await context.store.commit([{ change: 'backfill.create', backfill }])
    return { backfill: shown(await theBackfill(context, backfill.id), await placesOf(context)), leftOut }
  },
  async plan(context, { body }) {
    const { backfill, leftOut } = await planned(context, body)
    const { runs, waves } = sizeOfPlan(backfill.plan)
    return { backfill: shown(backfill, await placesOf(context)), leftOut, runs, waves }
  },
  async get(context, { backfill: id }) {
    return { backfill: shown(await theBackfill(context, id), await placesOf(context)) }
  },
  async failed(context, { backfill: id, cursor: skipped = 0, limit }) {
    const rows: { nth: number; assets: string[]; partition: string | null }[] = []
    let nth = 0
    for (const [assets, partition] of failedSlices(await theBackfill(context, id))) {
      nth += 1
      if (nth > skipped) rows.push({ nth, assets: [...assets], partition })
      if (rows.length > limit) break
    }
    const { page, next } = pageOf(rows, limit, (row) => row.nth)
    return { slices: page.map(({ assets, partition }) => ({ assets, partition })), next }
  },
  set: (context, { backfill, body }) =>
    change(context, backfill, (one) => changeConcurrency(one, body.concurrency, context.now())),
  pause: act('pause'),
  resume: act('resume'),
  cancel: act('cancel'),
  retry: act('retry'),
}
