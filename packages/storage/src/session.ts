import type { Compilable, Insertable, Kysely, RawBuilder } from 'kysely'
import type { Dialect } from './dialect.ts'
import type { Tables } from './tables.ts'

export type Awaitable<T> = T | Promise<T>

/**
 * One connection inside a transaction (or a plain read), as the stores see it. Kysely only builds the text: a session
 * keeps statements prepared by it, and runs them. On SQLite everything happens before it returns.
 */
export interface Session {
  readonly db: Kysely<Tables>
  readonly dialect: Dialect
  all<Row>(query: Compilable<Row>): Awaitable<Row[]>
  /** How many rows it changed. */
  run(query: Compilable<unknown>): Awaitable<number>
  /** The same statement for each set of values, in order: how many rows each changed. */
  each<Values>(query: Fixed<Values, unknown>, values: readonly Values[]): Awaitable<number[]>
  /**
   * Rows with the same columns, in order; what is there already stays as it is.
   *
   * @param key column that tells the rows apart: it answers with that of each row that is new.
   */
  insertAll<Name extends keyof Tables & string>(
    table: Name,
    rows: readonly Readonly<Insertable<Tables[Name]>>[],
    key?: keyof Tables[Name] & string,
  ): Awaitable<readonly unknown[]>
  /** Undoes what `work` wrote where it returns something else than `null`. */
  attempt<Refusal>(work: () => Promise<Refusal | null>): Promise<Refusal | null>
}

/** A query whose text never changes: written with Kysely, compiled once (`fixed: true` says so), then only bound. */
export interface Fixed<Values, Row> {
  (session: Session, values: Values): Compilable<Row>
  /** The text, and the values in the order of its parameters. */
  text(db: Kysely<Tables>): { readonly sql: string; bind(values: Values): unknown[] }
}

class Placeholder {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

/** `build` gets placeholders instead of values, one for each property it names. */
export function fixed<Values extends object, Row = unknown>(
  build: (
    db: Kysely<Tables>,
    values: { readonly [Name in keyof Values]-?: Exclude<Values[Name], undefined> },
  ) => Compilable<Row>,
): Fixed<Values, Row> {
  const texts = new WeakMap<Kysely<Tables>, { sql: string; bind(values: Values): unknown[] }>()
  const placeholders = new Proxy({}, { get: (_, name) => new Placeholder(String(name)) })
  const text = (db: Kysely<Tables>) => {
    let known = texts.get(db)
    if (!known) {
      const { sql, parameters } = build(db, placeholders as never).compile()
      known = { sql, bind: binder(parameters) }
      texts.set(db, known)
    }
    return known
  }
  const bound = (session: Session, values: Values) => {
    const { sql, bind } = text(session.db)
    return { compile: () => ({ sql, parameters: bind(values), fixed: true }) as never }
  }
  return Object.assign(bound, { text })
}

function binder<Values extends object>(parameters: readonly unknown[]): (values: Values) => unknown[] {
  // Values that are a list in the order of the parameters are bound as they are.
  const isInOrder = parameters.every((it, n) => it instanceof Placeholder && it.name === String(n))
  if (isInOrder) return (values) => values as unknown as unknown[]
  return (values) => parameters.map((it) => (it instanceof Placeholder ? values[it.name as keyof Values] : it))
}

/** The first row, or `null`. */
export async function first<Row>(session: Session, query: Compilable<Row>): Promise<Row | null> {
  return (await session.all(query))[0] ?? null
}

/** Where Kysely's builders do not reach: bound SQL that both databases understand. */
export function raw<Row>(db: Kysely<Tables>, text: RawBuilder<Row>): Compilable<Row> {
  return { compile: () => text.compile(db) }
}
