import { defineConfig } from 'sluice'
import { duckdb } from '@sluice/duckdb'

// Tables live in one DuckDB file; open it with any DuckDB to look at `marts.airports` and the others.
export default defineConfig({ entry: 'pipeline.ts', values: duckdb('flights.duckdb'), concurrency: 8 })
