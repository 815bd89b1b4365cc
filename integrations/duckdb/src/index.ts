export type { DatabaseOptions } from './database.ts'
export { duckdb } from './duckdb.ts'
export { parquet, type ParquetOptions } from './parquet.ts'
export { query } from './query.ts'
