/** The value of an asset with `columns`, as a downstream reads it: rows are streamed. */
export interface Table<Row> {
  /** The asset's name. */
  readonly name: string
  rows(options?: { limit?: number }): AsyncIterable<Row>
  /** All rows at once, in memory. */
  toArray(): Promise<Row[]>
  readonly _row?: Row
}
export type Rows<Row> = Iterable<Row> | AsyncIterable<Row>
