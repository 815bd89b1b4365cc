import type { Column, ColumnType } from '@sluice/core'
import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  DuckDBTimestampValue,
  DuckDBTypeId,
  type DuckDBType,
  type DuckDBValue,
  TIMESTAMP,
  VARCHAR,
} from '@duckdb/node-api'

/** One type of columns: how DuckDB holds it, and both ways between it and JavaScript. */
interface TypeRule {
  readonly sql: string
  readonly type: DuckDBType
  /** A value that the column's type already fits. Throws where it is out of DuckDB's range. */
  write(value: never): DuckDBValue
  read(value: never): unknown
  /** Types of a query's column that fit without losing anything. */
  readonly from: ReadonlySet<DuckDBTypeId>
}

const T = DuckDBTypeId
const integers = [
  T.TINYINT,
  T.SMALLINT,
  T.INTEGER,
  T.BIGINT,
  T.HUGEINT,
  T.UTINYINT,
  T.USMALLINT,
  T.UINTEGER,
  T.UBIGINT,
  T.UHUGEINT,
  T.BIGNUM,
]
const same = (value: never): never => value

export const typeRules: Readonly<Record<ColumnType, TypeRule>> = {
  string: { sql: 'VARCHAR', type: VARCHAR, from: new Set([T.VARCHAR, T.ENUM, T.UUID]), write: same, read: same },
  number: {
    sql: 'DOUBLE',
    type: DOUBLE,
    from: new Set([...integers, T.FLOAT, T.DOUBLE, T.DECIMAL]),
    write: same,
    read: same,
  },
  integer: {
    sql: 'BIGINT',
    type: BIGINT,
    from: new Set(integers),
    write: (value: number) => int64(BigInt(value)),
    read: Number,
  },
  bigint: { sql: 'BIGINT', type: BIGINT, from: new Set(integers), write: (value: bigint) => int64(value), read: same },
  boolean: { sql: 'BOOLEAN', type: BOOLEAN, from: new Set([T.BOOLEAN]), write: same, read: same },
  date: {
    sql: 'TIMESTAMP',
    type: TIMESTAMP,
    from: new Set([T.DATE, T.TIMESTAMP, T.TIMESTAMP_S, T.TIMESTAMP_MS, T.TIMESTAMP_NS, T.TIMESTAMP_TZ]),
    write: (value: Date) => new DuckDBTimestampValue(BigInt(value.getTime()) * 1000n),
    read: ({ micros }: DuckDBTimestampValue) => new Date(Number(micros / 1000n)),
  },
  json: {
    sql: 'JSON',
    type: VARCHAR,
    from: new Set([T.VARCHAR, T.STRUCT, T.LIST, T.MAP, T.ARRAY]),
    write: (value: unknown) => jsonText(value),
    read: JSON.parse as (value: never) => unknown,
  },
}

/** Does a column of a query hold what an asset's column is declared to be? */
export function fits(column: Column, type: DuckDBType): boolean {
  return typeRules[column.type].from.has(type.typeId)
}

/** The column type that a query's column can be read as: JSON where none of the others fits. */
export function typeFor(type: DuckDBType): ColumnType {
  const order: readonly ColumnType[] = ['integer', 'number', 'boolean', 'date', 'string']
  return order.find((name) => typeRules[name].from.has(type.typeId)) ?? 'json'
}

function int64(value: bigint): bigint {
  if (BigInt.asIntN(64, value) === value) return value
  throw new RangeError(`${value} takes more than 64 bits`)
}

function jsonText(value: unknown): string {
  const text: string | undefined = JSON.stringify(value)
  if (text === undefined) throw new TypeError(`a ${typeof value} is no JSON`)
  return text
}
