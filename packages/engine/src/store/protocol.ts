import type { Store } from './ports.ts'
import type { PackedSteps } from './packed-steps.ts'
import type { PackedAnswer, PackedChanges, PackedError } from './wire.ts'

export type Nouns = Omit<Store, 'commit' | 'close'>

/** Every read there is: what may be asked for over a channel. */
export const reads = {
  runs: {
    get: true,
    find: true,
    list: true,
    counts: true,
    active: true,
    states: true,
    ofOwner: true,
    once: true,
    resumable: true,
  },
  steps: { list: true, journal: true, get: true, counts: true },
  assets: {
    latest: true,
    history: true,
    ofRun: true,
    partitions: true,
    failed: true,
    keysOfRun: true,
    changed: true,
    versions: true,
    summary: true,
  },
  checks: { latest: true, history: true, failed: true, ofRun: true },
  partitions: { keys: true, page: true, count: true },
  cache: { get: true },
  events: { list: true, recent: true, last: true, first: true, cursor: true },
  logs: { list: true, find: true, counts: true },
  failures: { acknowledged: true },
  values: { collectable: true, live: true },
  blobs: { piece: true, list: true },
  queue: { next: true, nextDue: true, unclaimed: true, delivered: true, ahead: true, counts: true },
  slots: { held: true, waiting: true, granted: true, summary: true, claims: true },
  workers: { list: true, expired: true },
  schedules: { list: true, get: true },
  sensors: { list: true, get: true },
  ticks: { list: true },
  freshness: { list: true },
  conditions: { head: true, states: true, pauses: true, evaluations: true, latest: true, known: true, active: true },
  locations: { list: true, version: true, versions: true },
  alerts: { due: true, list: true },
  backfills: { find: true, list: true, active: true },
  history: { old: true },
} as const satisfies { [Noun in keyof Nouns]: { [Method in keyof Nouns[Noun]]: true } }

export type ReadRequest = readonly ['read', id: number, noun: string, method: string, args: readonly unknown[]]
/** Several go in one message, in order. */
export type Request = readonly ['commit', id: number, changes: PackedChanges] | ReadRequest

export type Response =
  | readonly ['committed', of: readonly (readonly [id: number, refused: PackedAnswer])[]]
  | readonly ['rows', id: number, value: unknown]
  | readonly ['steps', id: number, steps: PackedSteps]
  | readonly ['failed', id: number, error: PackedError]
