import type { AssetStates, Store } from '@sluice/engine'
import type { Live } from './events/live.ts'
import type { Locations } from './locations/locations.ts'
import type { Connections } from './workers/connections.ts'

/** What the parts of a server share. */
export interface Context {
  /** Whatever is committed through it wakes who waits for it. */
  readonly store: Store
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly connections: Connections
  readonly locations: Locations
  readonly live: Live
  readonly states: AssetStates
  /** Of this installation. */
  readonly version: string
  readonly startedAt: number
  /** What people should know: a store that cannot be written, say. */
  readonly problems: () => readonly string[]
}
