import { defineConfig } from 'sluice'
import { duckdb } from '@sluice/duckdb'

// Tables live in one DuckDB file; open it with any DuckDB to look at `marts.airports` and the others.
// All of it is made from files, so nothing but the newest is worth its room.
export default defineConfig({ entry: 'pipeline.ts', values: duckdb('flights.duckdb'), concurrency: 8, keepVersions: 1 })
