/** The store in PostgreSQL. A door of its own: most processes need none of it, not even its driver. */
export type { PostgresOptions } from './postgres/address.ts'
export { checkPostgres } from './postgres/maintenance.ts'
export { moveToPostgres, type Moved } from './postgres/move.ts'
export { openPostgres } from './postgres/open.ts'
export type { SharedStore } from './postgres/store.ts'
