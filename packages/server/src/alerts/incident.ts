import {
  type AlertMessage,
  type EventType,
  type FreshnessNow,
  type Run,
  type SluiceEvent,
  type TickRecord,
  humanDuration,
} from '@sluice/core'

/** Events that may be incidents. */
export const alarming = [
  'run.failed',
  'run.crashed',
  'tick.failed',
  'location.failed',
  'worker.lost',
  'backup.failed',
  'freshness.changed',
] as const satisfies readonly EventType[]

/** What is known besides the event. */
export interface Facts {
  /** The run it is about. */
  readonly run: Run | null
  /** The tick of the same schedule before the one that failed; those that nobody was there for say nothing of it. */
  readonly before: TickRecord | null
}

/** Something that a person should hear of, once. */
export interface Incident {
  readonly message: AlertMessage
  /** Whose people. */
  readonly locations: readonly string[]
}

/** What the store writes with these events. */
interface TickFailed {
  readonly kind: TickRecord['kind']
  readonly location: string
  readonly name: string
  readonly failures: number | null
  readonly code: string | null
  readonly message: string | null
}
interface LocationFailed {
  readonly location: string
  readonly code: string
  readonly message: string
  readonly hint?: string
}
interface BackupFailed {
  readonly location: string
  readonly failures: number
  readonly code: string | null
  readonly message: string
}
interface FreshnessChanged {
  readonly location: string
  readonly to: FreshnessNow['state']
  readonly madeAt: number | null
}
interface WorkerLost {
  readonly name: string
  readonly host: string
  readonly locations: readonly string[]
  readonly runs: readonly string[]
}

/**
 * Is this event the beginning of something that a person should hear of? `null`: no. A schedule or sensor that goes on
 * failing is one incident, until it works again; so is code that cannot be loaded.
 */
export function incidentOf(event: SluiceEvent, facts: Facts): Incident | null {
  switch (event.type) {
    case 'run.failed':
    case 'run.crashed':
      return ofRun(event, event.type, facts.run)
    case 'tick.failed':
      return ofTick(event, event.data as unknown as TickFailed, facts.before)
    case 'location.failed': {
      const { location, hint, ...why } = event.data as unknown as LocationFailed
      const what = [said(why), ...(hint === undefined ? [] : [`  ${hint}`])].join('\n')
      const next = ['The code that could be loaded last goes on.', 'sluice locations list']
      return incident(event, 'location.failed', `The code of ${location} could not be loaded`, what, next, [location])
    }
    case 'freshness.changed':
      return ofFreshness(event, event.data as unknown as FreshnessChanged)
    case 'worker.lost': {
      const { name, host, runs, locations } = event.data as unknown as WorkerLost
      const what = runs.length === 0 ? 'It held no runs.' : `What it held goes on elsewhere: ${shown(runs)}.`
      const title = `Worker "${name}" on ${host} is silent`
      return incident(event, 'worker.lost', title, what, ['sluice workers list'], locations)
    }
    case 'backup.failed': {
      const failed = event.data as unknown as BackupFailed
      if (failed.failures > 1) return null
      const next = ['It is tried again every ten minutes. You hear of it again when one was made and another fails.']
      return incident(event, 'backup.failed', 'The store could not be backed up', said(failed), next, [failed.location])
    }
    default:
      return null
  }
}

function ofTick(event: SluiceEvent, failed: TickFailed, before: TickRecord | null): Incident | null {
  const { kind, name, location, failures } = failed
  if (kind === 'sensor' ? (failures ?? 1) > 1 : before?.outcome === 'failed') return null
  const title = `${kind === 'sensor' ? 'Sensor' : 'Schedule'} "${name}" of ${location} failed`
  const next = ['It is tried again at its time. You hear of it again when it has worked and fails anew.']
  const { kind: of, ...rest } = event.data as unknown as TickFailed
  return incident(event, 'tick.failed', title, said(failed), next, [location], { of, ...rest })
}

function ofRun(event: SluiceEvent, kind: 'run.failed' | 'run.crashed', run: Run | null): Incident | null {
  // Without terms no server executed it: whoever started it is looking at it.
  if (!run?.terms) return null
  const { error } = (event.data ?? {}) as { readonly error?: { readonly code?: string; readonly message?: string } }
  const how = kind === 'run.failed' ? 'failed' : 'crashed, and does not go on by itself'
  const next = [`sluice runs show ${run.id}`]
  if (kind === 'run.crashed') next.push(`sluice runs resume ${run.id}`)
  const by = run.cause.name === undefined ? run.cause.by : `${run.cause.by} ${run.cause.name}`
  const data = {
    run: run.id,
    name: run.name,
    ...(run.job !== null && { job: run.job }),
    location: run.terms.location,
    owners: [...run.owners],
    cause: by,
    ...(error && { error: { code: error.code ?? null, message: error.message ?? null } }),
  }
  return incident(event, kind, `${run.title ?? run.name} ${how}`, said(error ?? {}), next, [run.terms.location], data)
}

/** That it is fresh again is no incident. */
function ofFreshness(event: SluiceEvent, { location, to, madeAt }: FreshnessChanged): Incident | null {
  if (to !== 'failed' && to !== 'warned') return null
  const { asset, at } = event
  const title = to === 'failed' ? `${asset} is late` : `${asset} will be late soon`
  const what = madeAt === null ? '' : `It was made last ${humanDuration(at - madeAt)} ago.`
  const next = [`sluice assets show ${asset}`, `sluice materialize ${asset}`]
  return incident(event, `freshness.${to}`, title, what, next, [location])
}

const said = ({ code, message }: { readonly code?: unknown; readonly message?: unknown }): string =>
  [code, message].filter((part) => typeof part === 'string' && part !== '').join(' ')

const shown = (names: readonly string[]): string =>
  names.length <= 5 ? names.join(', ') : `${names.slice(0, 5).join(', ')} and ${names.length - 5} more`

function incident(
  event: SluiceEvent,
  kind: AlertMessage['kind'],
  title: string,
  what: string,
  next: readonly string[],
  locations: readonly string[],
  data: AlertMessage['data'] = event.data,
): Incident {
  const { id, at } = event
  const text = [title, '', ...(what === '' ? [] : [what, '']), ...next].join('\n')
  // The time tells stores apart that count from the same number.
  return { message: { id: `e${id}-${at}`, kind, at, title, text, data }, locations }
}

/** What `sluice alerts test` sends. */
export function testMessage(location: string, at: number): AlertMessage {
  const title = `Sluice can reach you about ${location}`
  return {
    id: `test-${at}`,
    kind: 'test',
    at,
    title,
    text: `${title}\n\nThis is a test, and nothing is wrong.`,
    data: { location },
  }
}
