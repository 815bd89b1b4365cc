import { type Run, SluiceError, partitionTag } from '@sluice/core'
import { answerApproval, planRetry, retryChanges, theRequest, whyRun } from '@sluice/engine'
import type { Context } from '../context.ts'
import type { HandlersOf } from '../http/handlers.ts'
import { pageOf } from '../http/page.ts'
import { launch, readyParams } from './launch.ts'

/** @throws SluiceError NOT_FOUND. */
export async function findRun({ store }: Context, id: string): Promise<Run> {
  const run = await store.runs.find(id)
  if (run) return run
  throw new SluiceError('NOT_FOUND', `There is no run ${id}, or several ids begin so.`, {
    hint: 'sluice runs list shows the newest ones.',
  })
}

/** A run that a process executed by itself has no terms that a worker could take it by. */
function refuseOther({ id, terms }: Run): void {
  if (terms) return
  throw new SluiceError('CONFLICT', `Run ${id} is no worker's: a process started and executed it by itself.`, {
    hint: `Go on where its code is: sluice runs show ${id} says with which file it was started.`,
  })
}

/**
 * Other params for what a run ran, as its code takes them.
 *
 * @throws SluiceError PARAMS_UNKNOWN of assets; PARAMS_INVALID.
 */
async function paramsAgain(context: Context, { name, job, target, terms, tags }: Run, params: unknown) {
  if ('assets' in target) throw new SluiceError('PARAMS_UNKNOWN', 'Assets take no params.')
  const code = await context.locations.get(terms!.location)
  const partition = tags[partitionTag]
  return await readyParams(context, code, {
    target: job ?? name,
    params,
    ...(partition !== undefined && { partition }),
  })
}

/** Those parts of a query that say something. */
const given = (query: object): object =>
  Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined))

export const runHandlers: HandlersOf<'runs'> = {
  async list({ store }, { limit, cursor: before, ...query }) {
    const asked = { ...given({ ...query, before }), limit: limit + 1 }
    const { page: runs, next } = pageOf(await store.runs.list(asked), limit, ({ id }) => id)
    return { runs, next }
  },
  async counts({ store, now }, { parts, until, ...query }) {
    const { counts, ...times } = await store.runs.counts({ ...given(query), until: until ?? now(), parts })
    return { ...times, counts: counts.map(({ states, ...one }) => ({ ...one, states: { ...states } })) }
  },
  async launch(context, { body }) {
    return await launch(context, { ...body, cause: { by: 'person' } })
  },
  async get(context, { run: id }) {
    const run = await findRun(context, id)
    return { run, steps: { ...(await context.store.steps.counts(run.id)) } }
  },
  async why(context, { run: id }) {
    const run = await findRun(context, id)
    const why = await whyRun(context.store, run, context.now())
    return {
      run: run.id,
      state: run.state,
      waitingFor: run.waitingFor,
      says: why.says,
      ahead: why.ahead,
      steps: [...why.steps],
      notes: [...why.notes],
    }
  },
  async steps(context, { run: id, cursor: after = 0, limit }) {
    const run = await findRun(context, id)
    const rows = await context.store.steps.list(run.id, { after, limit: limit + 1 })
    const { page: steps, next } = pageOf(rows, limit, ({ step }) => step)
    return { steps, next }
  },
  async logs(context, { run: id, step, cursor: after = 0, limit }) {
    const run = await findRun(context, id)
    const asked = { run: run.id, after, limit: limit + 1, ...(step !== undefined && { step }) }
    const { page: lines, next } = pageOf(await context.store.logs.list(asked), limit, (line) => line.id)
    return { lines, next }
  },
  async find(context, { run: id, text, step, cursor: after }) {
    const run = await findRun(context, id)
    const { ids, next } = await context.store.logs.find({ run: run.id, text, ...given({ step, after }) })
    return { ids: [...ids], next: next === null ? null : String(next) }
  },
  async checks(context, { run: id, cursor: after = 0, limit }) {
    const run = await findRun(context, id)
    const rows = await context.store.checks.ofRun(run.id, { after, limit: limit + 1 })
    const { page: checks, next } = pageOf(rows, limit, (check) => check.id)
    return { checks, next }
  },
  async made(context, { run: id, cursor: after = 0, limit }) {
    const run = await findRun(context, id)
    const rows = await context.store.assets.ofRun(run.id, { after, limit: limit + 1 })
    const { page: records, next } = pageOf(rows, limit, (record) => record.id)
    return { records, next }
  },
  async cancel(context, { run: id }) {
    const { store, now } = context
    const run = await findRun(context, id)
    await store.commit([{ change: 'run.cancel', run: run.id, at: now() }])
    return { run: (await store.runs.get(run.id))! }
  },
  async resume(context, { run: id }) {
    const { store, now } = context
    const run = await findRun(context, id)
    refuseOther(run)
    if (run.state !== 'crashed') {
      throw new SluiceError('CONFLICT', `Run ${run.id} is ${run.state}: only a crashed run goes on.`, {
        hint: run.state === 'failed' ? `sluice runs retry ${run.id} tries it again.` : `sluice runs show ${run.id}`,
      })
    }
    const [done] = await store.commit([
      { change: 'run.requeue', run: run.id, epoch: run.epoch, until: null, at: now() },
    ])
    if (!done?.ok) throw new SluiceError('CONFLICT', `Run ${run.id} has changed meanwhile: ${done?.code}.`)
    return { run: (await store.runs.get(run.id))! }
  },
  async retry(context, { run: id, body }) {
    const { store, now } = context
    const run = await findRun(context, id)
    refuseOther(run)
    const { params, ...request } = body
    const given = params === undefined ? {} : { given: await paramsAgain(context, run, params) }
    const retry = await planRetry(store, run, { ...request, ...given }, now())
    const [done] = await store.commit([retryChanges(retry)])
    if (!done?.ok) throw new SluiceError('INTERNAL', `Run ${retry.run.id} was not stored: ${done?.code}.`)
    return { run: retry.run }
  },
  async answer(context, { run: id, body }) {
    const run = await findRun(context, id)
    const { by, value } = body
    const name = body.request ?? (await theRequest(context.store, run.id))
    await answerApproval(context.store, { run: run.id, name, value, by, at: context.now() })
    return { answered: true }
  },
}
