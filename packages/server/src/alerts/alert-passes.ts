import type { AlertSettings, SluiceEvent, TickRecord } from '@sluice/core'
import type { Change, Store } from '@sluice/engine'
import type { Locations } from '../locations/locations.ts'
import { type Facts, alarming, incidentOf } from './incident.ts'
import { receiversOf } from './receivers.ts'
import { afterTry, tryWithin } from './retry.ts'
import { send } from './send.ts'

export interface AlertOptions {
  readonly store: Store
  readonly locations: Pick<Locations, 'active'>
  readonly now: () => number
  /** The server's own: what the names of variables stand for. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly say: (level: 'info' | 'warn' | 'error', text: string) => void
}

const consumer = 'alerts'
const page = 100

/** What each location's active code says of alerts. */
export async function alertSettings(locations: Pick<Locations, 'active'>): Promise<ReadonlyMap<string, AlertSettings>> {
  const active = await locations.active()
  return new Map(
    active.flatMap(({ location, snapshot }) =>
      snapshot.settings?.alerts ? [[location, snapshot.settings.alerts] as const] : [],
    ),
  )
}

/**
 * Makes messages of what has happened. The cursor moves in the commit that keeps the messages: a server that is killed
 * loses none, and of two servers one makes them. History from before the first server is not told. How many there were.
 */
export async function noticePass({ store, locations, now }: AlertOptions): Promise<number> {
  const [from, last] = [await store.events.cursor(consumer), await store.events.last()]
  if (from === null) {
    await store.commit([{ change: 'cursor.move', name: consumer, from, to: last }])
    return 0
  }
  if (last <= from) return 0
  const events = await store.events.list({ types: alarming, after: from, limit: page })
  const to = events.length === page ? events.at(-1)!.id : Math.max(last, events.at(-1)?.id ?? 0)
  const settings = await alertSettings(locations)
  const changes: Change[] = [{ change: 'cursor.move', name: consumer, from, to }]
  for (const event of events) {
    const incident = settings.size === 0 ? null : incidentOf(event, await factsOf(store, event))
    for (const { location, channel } of incident ? receiversOf(incident.locations, settings) : []) {
      const { message } = incident!
      const alert = { id: `${message.id}/${location}/${channel}`, location, channel, message }
      changes.push({ change: 'alert.add', alert, at: now() })
    }
  }
  await store.commit([changes])
  return changes.length - 1
}

async function factsOf(store: Store, { run, type, data }: SluiceEvent): Promise<Facts> {
  const none = { run: null, before: null }
  if (run !== null) return { ...none, run: await store.runs.get(run) }
  const tick = data as unknown as Pick<TickRecord, 'kind' | 'location' | 'name' | 'scheduledFor'>
  if (type !== 'tick.failed' || tick.kind !== 'schedule') return none
  const { kind, location, name, scheduledFor } = tick
  const ticks = await store.ticks.list({ kind, location, name, limit: 1000 })
  const at = ticks.findIndex((one) => one.scheduledFor === scheduledFor && one.outcome === 'failed')
  return { ...none, before: at < 0 ? null : (ticks.slice(at + 1).find(({ outcome }) => outcome !== 'missed') ?? null) }
}

/** Sends what is due; each by one server, and again later where it did not leave. How many were tried. */
export async function sendPass(options: AlertOptions): Promise<number> {
  const { store, locations, now, environment, say } = options
  const due = await store.alerts.due(now(), 20)
  if (due.length === 0) return 0
  const settings = await alertSettings(locations)
  const tried = due.map(async (alert) => {
    const { id, location, channel, attempts, message } = alert
    const [taken] = await store.commit([{ change: 'alert.take', alert: id, attempts, until: now() + tryWithin }])
    if (!taken?.ok) return 0
    const its = settings.get(location)
    const sent = its
      ? await send(channel, its, message, environment)
      : { ok: false, says: `The active code of "${location}" configures no alerts any more.` }
    const decided = afterTry(alert, attempts + 1, sent, now())
    await store.commit([decided])
    if (!sent.ok) {
      const last = decided.change === 'alert.decide' && decided.state === 'failed'
      say(
        'warn',
        `An alert (${message.title}) did not leave by ${channel}: ${sent.says}${last ? '. It is given up.' : ''}`,
      )
    }
    return 1
  })
  return (await Promise.all(tried)).reduce<number>((sum, one) => sum + one, 0)
}
