/** A process that executes runs, as long as it is connected: its session. A worker that comes back after its lease ended has a new one. */
export interface Worker {
  /** `w` and 20 letters and digits: what owns a run is the session. */
  readonly id: string
  /** Given by whoever started it; the machine's name by default. */
  readonly name: string
  readonly pool: string
  /** How many runs at once. */
  readonly slots: number
  /** Takes no new runs; those it has go on. */
  readonly draining: boolean
  /** The code versions that it can execute, by location. */
  readonly versions: Readonly<Record<string, readonly string[]>>
  readonly machine: { readonly host: string; readonly pid: number; readonly node: string; readonly sluice: string }
  /** Milliseconds since 1970, by the store's clock. */
  readonly joinedAt: number
  /** Until when it counts as alive; by the store's clock. */
  readonly leaseUntil: number
}
