import type { KeyChange, Requested } from '@sluice/api/workers'
import { type Json, type SensorSpec, type SensorState, dynamicSets } from '@sluice/core'
import {
  type Change,
  type NewTick,
  type Store,
  nextLook,
  planRuns,
  reportChanges,
  tickFailure,
  tickWithout,
} from '@sluice/engine'
import type { Context } from '../context.ts'
import type { ActiveCode } from '../locations/locations.ts'
import { isAway } from '../schedules/ask-tick.ts'

type Decide = Extract<Change, { change: 'sensor.decide' }>

/** What a sensor on events waited for, and up to which event was looked. */
export interface Found {
  readonly events: readonly Json[]
  readonly upTo: number
}

export interface LookOptions {
  readonly state: SensorState
  readonly spec: SensorSpec
  readonly code: ActiveCode
  /** `null` for a sensor that looks every so often. */
  readonly found: Found | null
  /** Who has the lease. */
  readonly me: string
  readonly say: (level: 'info' | 'warn' | 'error', text: string) => void
}

/** Gives the lease back, and changes nothing. */
export const release = ({ location, name, nextAt, failures }: SensorState, me: string): Decide => ({
  change: 'sensor.decide',
  location,
  name,
  by: me,
  nextAt,
  failures,
  tick: null,
})

/** Asks the code of a sensor, and makes changes of what it says: they stand or fall together. */
export async function lookOnce(context: Context, options: LookOptions): Promise<readonly Change[]> {
  const { state, spec, code, found, me, say } = options
  const at = context.now()
  try {
    const said = await askLook(context, { code, state, spec, events: found?.events ?? [] })
    return await changesOf(context, options, said, at)
  } catch (error) {
    const now = context.now()
    // Nobody to ask is no failure of the sensor.
    if (isAway(error)) return [{ ...release(state, me), nextAt: now + 1_000 }]
    const failures = state.failures + 1
    const failure = tickFailure(`Sensor "${state.name}"`, error)
    const nextAt = nextLook(spec, failures, now)
    const times = failures === 1 ? 'failed' : `failed ${failures} times in a row`
    const why = error instanceof Error ? error.message : failure.message
    say('error', `Sensor "${state.name}" ${times}, and looks again in ${Math.round((nextAt - now) / 1000)} s: ${why}`)
    const tick = tickWithout('failed', failure, { scheduledFor: at, decidedAt: now })
    return [{ ...release(state, me), nextAt, failures, tick }]
  }
}

/** One look, by a worker that has the code. */
export async function askLook(
  context: Pick<Context, 'store' | 'connections'>,
  look: { code: ActiveCode; state: Pick<SensorState, 'name' | 'cursor'>; spec: SensorSpec; events: readonly Json[] },
): Promise<Requested> {
  const { code, state, spec, events } = look
  const keys = await dynamicKeysOf(context, code)
  const { name: sensor, cursor } = state
  const request = { request: 'look', sensor, cursor, events, keys, within: spec.timeout } as const
  return (await context.connections.ask(code.location, code.version, request, spec.timeout)) as Requested
}

async function changesOf(
  context: Context,
  { state, spec, code, found, me }: LookOptions,
  said: Requested,
  at: number,
): Promise<readonly Change[]> {
  const { location, name } = state
  const now = context.now()
  const { runs, changes } = await planRuns({
    store: withKeys(context.store, said.keys ?? []),
    location,
    snapshot: code.snapshot,
    asked: 'runs' in said ? said.runs : [],
    cause: { by: 'sensor', name },
    scope: `sensor ${location} ${name}`,
    at: now,
    now,
  })
  const reports = 'runs' in said ? (said.reports ?? []) : []
  const decide: Decide = {
    change: 'sensor.decide',
    location,
    name,
    by: me,
    nextAt: nextLook(spec, 0, now),
    failures: 0,
    tick: recordOf(said, runs, reports.length, { scheduledFor: at, decidedAt: now }),
    ...('runs' in said && said.cursor !== undefined && { cursor: said.cursor }),
    ...(found && { after: found.upTo }),
  }
  const keys = (said.keys ?? []).flatMap(({ name: set, add, remove }): Change[] => [
    ...(add.length > 0 ? [{ change: 'partitions.add', name: set, keys: add, at: now } as const] : []),
    ...(remove.length > 0 ? [{ change: 'partitions.remove', name: set, keys: remove } as const] : []),
  ])
  return [
    decide,
    ...keys,
    ...changes,
    ...reportChanges(reports, {
      cause: { by: 'sensor', name },
      title: `reported by ${name}`,
      assets: code.snapshot.assets,
      now,
      owner: me,
    }),
  ]
}

/** What is worth keeping: runs, reports, and reasons; not that there was nothing. */
function recordOf(
  said: Requested,
  runs: readonly string[],
  reports: number,
  at: Pick<NewTick, 'scheduledFor' | 'decidedAt'>,
): NewTick | null {
  if ('skipped' in said) return tickWithout('skipped', said.skipped, at)
  const keys = (said.keys ?? []).reduce((sum, { add, remove }) => sum + add.length + remove.length, 0)
  const also = [
    ...(reports > 0 ? [`${reports} reported`] : []),
    ...(keys > 0 ? [`${keys} partition keys changed`] : []),
  ].join(', ')
  if (runs.length > 0)
    return { ...at, outcome: 'launched', reason: also === '' ? null : also, error: null, runs, count: 1 }
  return also === '' ? null : tickWithout('skipped', `${also}, nothing launched.`, at)
}

/** The store as it is with the keys that the look changes: a run may be for one that it adds. */
function withKeys(store: Store, changes: readonly KeyChange[]): Store {
  const keys = async (name: string): Promise<readonly string[]> => {
    const all = new Set(await store.partitions.keys(name))
    for (const { add, remove } of changes.filter((one) => one.name === name)) {
      for (const key of add) all.add(key)
      for (const key of remove) all.delete(key)
    }
    return [...all]
  }
  return { ...store, partitions: { ...store.partitions, keys }, close: () => store.close() }
}

/** The keys of every dynamic set that the code knows: user code asks for them without a store. */
async function dynamicKeysOf({ store }: Pick<Context, 'store'>, { snapshot }: ActiveCode) {
  const keys: Record<string, readonly string[]> = {}
  for (const name of dynamicSets(snapshot.assets.map(({ partitions }) => partitions)))
    keys[name] = await store.partitions.keys(name)
  return keys
}
