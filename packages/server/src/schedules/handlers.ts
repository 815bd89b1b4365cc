import type { Requested } from '@sluice/api/workers'
import {
  type Json,
  type ScheduleSnapshot,
  type ScheduleState,
  SluiceError,
  clockChanges,
  milliseconds,
  scheduleFingerprint,
  shownTick,
  ticksBetween,
  ticksOf,
  timetableOf,
  warningsOf,
  zoneNamed,
} from '@sluice/core'
import { type AskedRun, endedPartition, plainRun, tickFailure } from '@sluice/engine'
import type { Context } from '../context.ts'
import type { HandlersOf } from '../http/handlers.ts'
import { keyOf, pageByKey, pageOf } from '../http/page.ts'
import { readyParams } from '../runs/launch.ts'
import { tickWithin } from './ask-tick.ts'
import { isPaused, specOf } from './entries.ts'
import { assertTicks, jobTick, partitionedJob } from './job-tick.ts'

const YEAR = 366 * 86_400_000

async function listed({ store, now }: Context, state: ScheduleState) {
  const { location, name, origin, spec, paused, watermark } = state
  const [last = null] = await store.ticks.list({ kind: 'schedule', location, name, limit: 1 })
  const stopped = isPaused(state)
  const next = stopped ? null : ticksOf(specOf(state).timetable).next(Math.max(watermark, now() - 1000))
  return { location, name, origin, spec, paused: stopped, overridden: paused !== null, last, next }
}

/** @throws SluiceError NOT_FOUND. */
async function theSchedule({ store }: Context, location: string, name: string): Promise<ScheduleState> {
  const state = await store.schedules.get(location, name)
  if (state && !state.retired) return state
  throw new SluiceError('NOT_FOUND', `There is no schedule "${name}" in "${location}".`, {
    hint: 'sluice schedules list shows all.',
  })
}

export const scheduleHandlers: HandlersOf<'schedules'> = {
  async list(context, { location, ...asked }) {
    const states = (await context.store.schedules.list(location)).filter(({ retired }) => !retired)
    const { page, next } = pageByKey(states, asked, (state) => keyOf(state.location, state.name))
    return { schedules: await Promise.all(page.map((state) => listed(context, state))), next }
  },
  async get(context, { location, name }) {
    return { schedule: await listed(context, await theSchedule(context, location, name)) }
  },
  async put(context, { location, name, body }) {
    const { store } = context
    const { target, params, texts, catchUp, jitter, paused, tags, description, ...when } = body
    const code = await context.locations.get(location)
    const job = partitionedJob(code.snapshot, target)
    if (job) assertTicks(job, params !== undefined || texts !== undefined)
    const ready = job
      ? { params: null, title: null, limits: null, tags: {} }
      : await readyParams(context, code, {
          target,
          ...(params !== undefined && { params }),
          ...(texts && { texts }),
        })
    const spec: ScheduleSnapshot = {
      name,
      place: undefined,
      description,
      timetable: timetableOf(when),
      target,
      params: ready.params,
      title: ready.title,
      limits: ready.limits,
      asks: job !== null,
      catchUp,
      jitter: jitter === undefined ? 0 : milliseconds(jitter),
      paused,
      tags: { ...ready.tags, ...tags },
    }
    const { now: at } = await store.workers.expired()
    const fingerprint = scheduleFingerprint(spec)
    const [answer] = await store.commit([
      { change: 'schedule.put', location, name, origin: 'api', spec: spec as unknown as Json, fingerprint, at },
    ])
    if (!answer?.ok)
      throw new SluiceError('CONFLICT', `"${name}" is defined by the code of "${location}": it is changed there.`, {
        hint: 'Give this one another name.',
      })
    const schedule = await listed(context, await theSchedule(context, location, name))
    return { schedule, warnings: [...warningsOf(spec.timetable)] }
  },
  async remove(context, { location, name }) {
    const state = await theSchedule(context, location, name)
    if (state.origin === 'code')
      throw new SluiceError('CONFLICT', `"${name}" is defined by code: it goes when the code does.`, {
        hint: `sluice schedules pause ${name} stops it meanwhile.`,
      })
    await context.store.commit([{ change: 'schedule.remove', location, name }])
    return { removed: true }
  },
  async pause(context, { location, name, body }) {
    await theSchedule(context, location, name)
    const { now: at } = await context.store.workers.expired()
    await context.store.commit([{ change: 'schedule.pause', location, name, paused: body.paused, at }])
    return { schedule: await listed(context, await theSchedule(context, location, name)) }
  },
  async preview(context, { location, name, from = context.now(), to = from + YEAR, timeZone, cursor, limit }) {
    const { timetable } = specOf(await theSchedule(context, location, name))
    if (timeZone !== undefined) zoneNamed(timeZone)
    const after = cursor ?? from - 1
    const { page, next } = pageOf(ticksBetween(ticksOf(timetable), after, to, limit + 1), limit, (at) => at)
    return {
      timeZone: timeZone ?? timetable.timeZone,
      ticks: page.map((at) => shownTick(timetable, at, timeZone)),
      changes: clockChanges(timetable.timeZone, after + 1, next === null ? to : page.at(-1)!),
      next,
    }
  },
  async test(context, { location, name, body }) {
    const state = await theSchedule(context, location, name)
    const spec = specOf(state)
    const scheduledFor = body.scheduledFor ?? ticksOf(spec.timetable).next(context.now()) ?? context.now()
    const { version, snapshot } = await context.locations.get(location)
    const shown = async (one: AskedRun) =>
      shownRun({
        ...one,
        tags: { ...spec.tags, ...one.tags },
        partition: one.partition ?? (await endedPartition(context.store, snapshot, one.target, scheduledFor)) ?? null,
      })
    if (!spec.asks) return { scheduledFor, skipped: null, runs: [await shown(plainRun(spec))] }
    if (state.origin === 'api') {
      const runs = await jobTick(context, await context.locations.get(location), spec, scheduledFor)
      return { scheduledFor, skipped: null, runs: await Promise.all(runs.map(shown)) }
    }
    const { timeZone } = spec.timetable
    const request = { request: 'tick', schedule: name, scheduledFor, timeZone } as const
    const said = await context.connections.ask(location, version, request, tickWithin).then(
      (answer) => answer as Requested,
      (error: unknown) => {
        throw tickFailure(`Schedule "${name}"`, error)
      },
    )
    if ('skipped' in said) return { scheduledFor, skipped: said.skipped, runs: [] }
    return { scheduledFor, skipped: null, runs: await Promise.all(said.runs.map(shown)) }
  },
}

type Shown = Pick<ReturnType<typeof plainRun>, 'target' | 'params' | 'title' | 'once' | 'tags' | 'partition'>

/** A run that would be launched, without what only the queue needs. */
export const shownRun = ({ target, params, title, once, tags, partition }: Shown) => ({
  target,
  params,
  title,
  once,
  tags: { ...tags },
  partition,
})
