import type { Generated } from 'kysely'

/** The tables as Kysely sees them; `migrations/` is where they are defined and explained. */
export interface Tables {
  runs: RunRow
  run_tags: { tag: string; value: string; run: string }
  run_assets: { asset: string; run: string }
  run_texts: { text: string }
  steps: StepRow
  materializations: MaterializationRow
  assets: { asset: string; latest: number; records: number; partitions: number }
  slices: SliceRow
  check_results: CheckRow
  partition_keys: { id: Generated<number>; name: string; key: string; added_at: number }
  cache_entries: CacheRow
  events: EventRow
  log_lines: LogRow
  deliveries: { run: string; epoch: number; last: number }
  queue: QueueRow
  queue_turns: { pool: string; priority: number; job: string; served: number }
  slots: { name: string; key: string; run: string; step: number; taken_at: number; count: number }
  slot_waiters: {
    id: Generated<number>
    name: string
    key: string
    run: string
    step: number
    at_once: number
    count: number
  }
  buckets: { name: string; key: string; tokens: number; filled_at: number }
  workers: WorkerRow
  schedules: ScheduleRow
  sensors: SensorRow
  ticks: TickRow
  freshness: { asset: string; state: string; since: number }
  condition_head: { one: number; version: number; at: number }
  condition_states: { entity: string; state: string; version: number }
  condition_pauses: { entity: string; paused: number }
  condition_evaluations: EvaluationRow
  once_keys: { scope: string; key: string; run: string; at: number }
  locations: { name: string; active: string | null; activated_at: number | null; problem: string | null }
  location_versions: LocationVersionRow
  blobs: { ref: string; piece: number; text: string }
  alerts: AlertRow
  acknowledgements: { failure: string; by: string; at: number }
  backfills: BackfillRow
  cursors: { name: string; after: number }
}

export interface SliceRow {
  asset: string
  partition: string
  materialization: number | null
  observation: number | null
  failed: string | null
  failed_at: number | null
}

export interface AlertRow {
  id: string
  location: string
  channel: string
  message: string
  state: string
  attempts: number
  next_at: number
  error: string | null
  created_at: number
  ended_at: number | null
}

export interface BackfillRow {
  id: string
  location: string
  state: string
  version: number
  plan: string
  progress: string
  created_at: number
  ended_at: number | null
}

export interface QueueRow {
  run: string
  state: 'ready' | 'later' | 'blocked' | 'delivered'
  pool: string
  priority: number
  job: string
  due_at: number
  blocked_on: string | null
  blocked_key: string | null
  limits: string
}

export interface WorkerRow {
  id: string
  name: string
  pool: string
  slots: number
  draining: number
  versions: string
  machine: string
  joined_at: number
  lease_until: number
}

export interface ScheduleRow {
  location: string
  name: string
  origin: string
  spec: string
  fingerprint: string
  paused: number | null
  retired: number
  watermark: number
  revision: number
}

export interface SensorRow {
  location: string
  name: string
  spec: string
  paused: number | null
  retired: number
  cursor: string | null
  after: number
  next_at: number
  failures: number
  leased_by: string | null
  lease_until: number
}

export interface TickRow {
  id: Generated<number>
  kind: string
  location: string
  name: string
  scheduled_for: number
  decided_at: number
  outcome: string
  reason: string | null
  error: string | null
  runs: string
  count: number
}

export interface EvaluationRow {
  id: Generated<number>
  entity: string
  at: number
  requested: string
  run: string | null
  error: string | null
  tree: string
}

export interface LocationVersionRow {
  location: string
  version: string
  snapshot: string
  entries: string
  git: string | null
  parts: string | null
  bundle: string | null
  created_at: number
}

export interface RunRow {
  id: string
  state: string
  waiting_for: string | null
  epoch: number
  kind: string
  target: string
  partitions: string | null
  name: string
  title: string | null
  params: string | null
  tags: string
  entry: string | null
  code_version: string | null
  owner: string | null
  job: string | null
  location: string | null
  pool: string | null
  terms: string | null
  cause: string
  owners: string
  retry_of: string | null
  resumes: number
  cancel_requested: number
  error: string | null
  result: string | null
  result_ref: string | null
  created_at: number
  started_at: number | null
  ended_at: number | null
}

export interface StepRow {
  run: string
  step: number
  parent: number
  kind: string
  name: string
  identity: string
  key: string | null
  state: string
  waiting_for: string | null
  attempt: number
  epoch: number
  floor: number
  seq: number | null
  after: number
  tracked: number
  started_at: number | null
  ended_at: number | null
  args: string | null
  upstream: string | null
  result: string | null
  result_ref: string | null
  error: string | null
  reason: string | null
  cached_from: string | null
  tags: string | null
}

export interface MaterializationRow {
  id: Generated<number>
  kind: string
  asset: string
  partition: string
  run: string
  epoch: number
  step: number
  attempt: number
  at: number
  value: string | null
  value_ref: string | null
  data_version: string
  code_version: string | null
  input_versions: string
  metadata: string
}

export interface CheckRow {
  id: Generated<number>
  asset: string
  check: string
  partition: string
  run: string
  epoch: number
  step: number
  at: number
  passed: number
  severity: string
  blocking: number
  metadata: string
}

export interface CacheRow {
  key: string
  run: string
  step: number
  value: string | null
  value_ref: string | null
  at: number
  expires_at: number | null
}

export interface EventRow {
  id: Generated<number>
  type: string
  at: number
  run: string | null
  step: number | null
  asset: string | null
  partition: string | null
  data: string
}

export interface LogRow {
  id: Generated<number>
  run: string
  step: number
  attempt: number
  at: number
  level: string
  message: string
  data: string | null
}
