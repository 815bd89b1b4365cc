import { type SensorSpec, type SensorState, SluiceError } from '@sluice/core'
import { tickFailure } from '@sluice/engine'
import type { Context } from '../context.ts'
import type { HandlersOf } from '../http/handlers.ts'
import { keyOf, pageByKey } from '../http/page.ts'
import { shownRun } from '../schedules/handlers.ts'
import { findEvents } from './find-events.ts'
import { askLook } from './look.ts'

/** @throws SluiceError NOT_FOUND. */
async function theSensor({ store }: Context, location: string, name: string): Promise<SensorState> {
  const state = await store.sensors.get(location, name)
  if (state && !state.retired) return state
  throw new SluiceError('NOT_FOUND', `There is no sensor "${name}" in "${location}".`, {
    hint: 'sluice sensors list shows all.',
  })
}

const specOf = ({ spec }: SensorState): SensorSpec => spec as unknown as SensorSpec

async function listed({ store }: Context, state: SensorState) {
  const { location, name, spec, paused, nextAt, cursor, failures } = state
  const [last = null] = await store.ticks.list({ kind: 'sensor', location, name, limit: 1 })
  const stopped = paused ?? specOf(state).paused
  const next = stopped ? null : nextAt
  return { location, name, spec, paused: stopped, overridden: paused !== null, last, cursor, failures, next }
}

export const sensorHandlers: HandlersOf<'sensors'> = {
  async list(context, { location, ...asked }) {
    const states = (await context.store.sensors.list(location)).filter(({ retired }) => !retired)
    const { page, next } = pageByKey(states, asked, (state) => keyOf(state.location, state.name))
    return { sensors: await Promise.all(page.map((state) => listed(context, state))), next }
  },
  async get(context, { location, name }) {
    return { sensor: await listed(context, await theSensor(context, location, name)) }
  },
  async pause(context, { location, name, body }) {
    await theSensor(context, location, name)
    await context.store.commit([{ change: 'sensor.pause', location, name, paused: body.paused, at: context.now() }])
    return { sensor: await listed(context, await theSensor(context, location, name)) }
  },
  async test(context, { location, name, body }) {
    const state = await theSensor(context, location, name)
    const spec = specOf(state)
    const code = await context.locations.get(location)
    const cursor = body.cursor === undefined ? state.cursor : body.cursor
    const { events } = spec.on
      ? await findEvents(context.store, { on: spec.on, name, after: state.after })
      : { events: [] }
    const said = await askLook(context, { code, state: { name, cursor }, spec, events }).catch((error: unknown) => {
      throw tickFailure(`Sensor "${name}"`, error)
    })
    const keys = (said.keys ?? []).map(({ name: set, add, remove }) => ({
      name: set,
      add: [...add],
      remove: [...remove],
    }))
    const common = { events: events.length, keys }
    if ('skipped' in said) return { ...common, skipped: said.skipped, cursor, runs: [], reports: [] }
    return {
      ...common,
      skipped: null,
      cursor: said.cursor ?? cursor,
      runs: said.runs.map(shownRun),
      reports: (said.reports ?? []).map(({ asset, partition, what, dataVersion }) => ({
        asset,
        partition,
        what,
        dataVersion,
      })),
    }
  },
}
