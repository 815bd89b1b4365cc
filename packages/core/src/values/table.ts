/** The value of an asset with `columns`, as a downstream reads it: rows are streamed. */
export interface Table<Row> {
  /** The asset's name. */
  readonly name: string
  rows(options?: { limit?: number }): AsyncIterable<Row>
  /** All rows at once, in memory. */
  toArray(): Promise<Row[]>
  /** Counts its rows where they are. Left out where that is done by reading them. */
  count?(what: Counting): Promise<Counted>
  readonly _row?: Row
}
export type Rows<Row> = Iterable<Row> | AsyncIterable<Row>

/** What is counted besides rows: those without a value in each of `nulls`, and combinations of `distinct`. */
export interface Counting {
  readonly nulls?: readonly string[]
  readonly distinct?: readonly string[]
}

export interface Counted {
  readonly rows: number
  /** By column. */
  readonly nulls: Readonly<Record<string, number>>
  /** Rows that have a value in every column of `distinct`. */
  readonly complete: number
  /** Different combinations among those. */
  readonly distinct: number
}
