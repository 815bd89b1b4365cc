import type { Column } from './columns.ts'
import type { Json } from './json.ts'

/** The immutable place of what one attempt writes: no two attempts ever share it. */
export interface Slot {
  readonly run: string
  readonly epoch: number
  readonly step: number
  readonly attempt: number
}

export interface WriteContext {
  /** The asset's name; for the large result of a task, `steps/<task name>`. */
  readonly name: string
  readonly partition: string | null
  readonly slot: Slot
  /** The columns of a table asset; `null` where the value is any storable value. */
  readonly columns: readonly Column[] | null
  readonly signal: AbortSignal
  /** Make a view of the query instead of storing what it gives. */
  readonly view?: boolean
}

export interface ReadContext {
  readonly name: string
  readonly partition: string | null
  readonly columns: readonly Column[] | null
}

export interface Written {
  /** What `read` needs to find it again. Relative to the project, so that a project can be moved. */
  readonly ref: Json
  readonly bytes: number | null
  readonly rows: number | null
}

/** A query of a SQL asset, to be checked against the columns of its inputs without running it. */
export interface SqlCheck {
  readonly asset: string
  /** As the asset's `sql` function gave it; its inputs are known by name only. */
  readonly sql: unknown
  readonly inputs: Readonly<Record<string, readonly Column[]>>
  readonly columns: readonly Column[]
}

/**
 * Where values live. `write` gets what a step returned: for a table (`columns` given) an `Iterable` or
 * `AsyncIterable` of rows or a `Sql`; otherwise the value's encoding, as text (`read` gives `decode` of it). It must be durable (file and directory flushed)
 * when the promise resolves, at a place that contains the slot: the journal's commit is what publishes it.
 */
export interface IoManager {
  /** Recorded in every reference; unique in a project. */
  readonly name: string
  /** Can `write` run a `Sql`? */
  readonly sql: boolean
  write(value: unknown, context: WriteContext): Promise<Written>
  /** A `Table` where the context has columns, otherwise the value. */
  read(ref: Json, context: ReadContext): Promise<unknown>
  /** After the journal's commit: make what people look at (a view, a `latest` link) point at it. Best effort. */
  published?(ref: Json, context: ReadContext): Promise<void>
  /** Deletes values, at once where that is cheaper; one that is already gone is no error. */
  remove(refs: readonly Json[]): Promise<void>
  /** Every slot that has something at this place, for the collection of orphans. */
  list?(): AsyncIterable<{ readonly slot: Slot; readonly ref: Json }>
  /** One message for each query that does not fit. */
  checkSql?(checks: readonly SqlCheck[]): Promise<readonly { readonly asset: string; readonly message: string }[]>
  close(): Promise<void>
}

/** What `values:` in sluice.config.ts takes: opened once by each process that needs it. */
export interface IoFactory {
  readonly name: string
  /** `root` is the project's folder, `home` its `.sluice`. */
  open(place: { readonly root: string; readonly home: string; readonly readOnly: boolean }): Promise<IoManager>
}
