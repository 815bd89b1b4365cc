import type { HistoryKind } from '@sluice/engine/store'
import { type RawBuilder, sql } from 'kysely'

/** A table of history: how a row of it, called `it`, is named, when it happened, and which ones may go. */
export interface Rule {
  readonly table: string
  readonly id: string
  readonly at: string
  /** Do ids rise with time? Then nothing behind the first row that is too young has to be looked at. */
  readonly inTime: boolean
  /** Of an old one, whether nothing needs it. */
  readonly spare: RawBuilder<unknown>
}

const isOver = sql`not exists (select 1 from runs where runs.id = it.run and runs.ended_at is null)`

export const rules: Readonly<Record<Exclude<HistoryKind, 'events'> | 'runs', Rule>> = {
  runs: {
    table: 'runs',
    id: 'id',
    at: 'ended_at',
    inTime: false,
    spare: sql`it.ended_at is not null and not exists (select 1 from runs as retry where retry.retry_of = it.id)`,
  },
  logs: { table: 'log_lines', id: 'id', at: 'at', inTime: true, spare: isOver },
  records: {
    table: 'materializations',
    id: 'id',
    at: 'at',
    inTime: true,
    spare: sql`${isOver} and not exists (select 1 from assets where assets.asset = it.asset and assets.latest = it.id)
      and not exists (select 1 from slices where slices.asset = it.asset and slices.partition = it.partition
        and (slices.materialization = it.id or slices.observation = it.id))`,
  },
  checks: {
    table: 'check_results',
    id: 'id',
    at: 'at',
    inTime: true,
    spare: sql`${isOver} and exists (select 1 from check_results as newer where newer.asset = it.asset
      and newer."check" = it."check" and newer.partition = it.partition and newer.id > it.id)`,
  },
  ticks: {
    table: 'ticks',
    id: 'id',
    at: 'decided_at',
    inTime: true,
    spare: sql`exists (select 1 from ticks as newer where newer.kind = it.kind and newer.location = it.location
      and newer.name = it.name and newer.id > it.id)`,
  },
  evaluations: {
    table: 'condition_evaluations',
    id: 'id',
    at: 'at',
    inTime: true,
    spare: sql`exists (select 1 from condition_evaluations as newer where newer.entity = it.entity and newer.id > it.id)`,
  },
  // Who goes back to the code before finds it, however long ago it was registered.
  versions: {
    table: 'location_versions',
    id: 'version',
    at: 'created_at',
    inTime: false,
    spare: sql`not exists (select 1 from locations where locations.name = it.location and locations.active = it.version)
      and not exists (select 1 from runs where runs.code_version = it.version)
      and not exists (select 1 from workers where workers.versions like '%"' || it.version || '"%')
      and exists (select 1 from location_versions as newer where newer.location = it.location
        and newer.created_at > it.created_at and not exists (
          select 1 from locations where locations.name = newer.location and locations.active = newer.version))`,
  },
  // Of one that is not over this is null, which is before nothing.
  backfills: { table: 'backfills', id: 'id', at: 'ended_at', inTime: false, spare: sql`it.ended_at is not null` },
  alerts: { table: 'alerts', id: 'id', at: 'ended_at', inTime: false, spare: sql`it.state <> 'waiting'` },
  // What a schedule or a sensor has launched once stays: the same file seen again is no new one.
  words: { table: 'once_keys', id: 'key', at: 'at', inTime: false, spare: sql`it.scope = 'launch'` },
  cache: { table: 'cache_entries', id: 'key', at: 'expires_at', inTime: false, spare: sql`it.expires_at is not null` },
}
