import { defineConfig } from 'sluice'
import { duckdb } from '@sluice/duckdb'

// Tables live in one DuckDB file; open it with any DuckDB to look at `marts.airports` and the others.
// DuckDB lets one process write: the runs of a backfill, each a process, wait for each other.
// All of it is made from files, so nothing but the newest is worth its room.
export default defineConfig({
  entry: 'pipeline.ts',
  values: duckdb('flights.duckdb', { wait: '15m' }),
  concurrency: 8,
  keepVersions: 1,
})
