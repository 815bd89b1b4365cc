export type ColumnType = 'string' | 'number' | 'integer' | 'bigint' | 'boolean' | 'date' | 'json'

/** One column of a table, as read from its schema. */
export interface Column {
  readonly name: string
  readonly type: ColumnType
  readonly nullable: boolean
}
