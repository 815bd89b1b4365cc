import { describe, expect, expectTypeOf, test } from 'vitest'
import { bindSql, isSql, param, type Source, sourcesFor, sql, type SqlColumn } from './sql.ts'

interface Order {
  id: string
  day: string
  toString: string
  then: string
  constructor: string
}
const { o, p } = sourcesFor(['o', 'p']) as unknown as { o: Source<Order>; p: Source<Order> }

describe('sql', () => {
  test('is plain data: texts, and what stands between them', () => {
    const query = sql`select ${o.id} from ${o} where ${o.day} > ${param('2026-01-01')}`
    expect(query.parts).toEqual(['select ', ' from ', ' where ', ' > ', ''])
    expect(query.values).toEqual([
      { input: 'o', column: 'id' },
      { source: 'o' },
      { input: 'o', column: 'day' },
      { param: '2026-01-01' },
    ])
    expect(query.text).toBe('select o.id from o where o.day > ?')
    expect(structuredClone(query)).toEqual(query)
  })

  test('nests', () => {
    const inner = sql`select 1 as n from ${p}`
    expect(sql`select * from ${inner} as q`.text).toBe('select * from (select 1 as n from p) as q')
  })

  test('a column may have the name of a method', () => {
    expect(sql`select ${o.toString}, ${o.then}, ${o.constructor}`.text).toBe('select o.toString, o.then, o.constructor')
  })

  test('a value that is not bound is refused, with what stands before it', () => {
    const bare = 'x; drop table orders' as never
    expect(() => sql`select * from ${o} where name = ${bare}`).toThrow(
      /the text "x; drop table orders" after "where name ="/,
    )
    expect(() => param({} as never)).toThrow(/param\(\) cannot bind a Object/)
    expect(() => param(undefined as never)).toThrow(expect.objectContaining({ code: 'DEFINITION_INVALID' }))
  })

  test('a table stands where a source does, under one name however often it is used', () => {
    const table = { name: 'raw/new orders', async *rows() {}, toArray: async () => [] }
    const other = { ...table }
    const query = sql`select * from ${table} join ${other} using (id) where id in (select id from ${table})`
    expect(query.text).toBe(
      'select * from new_orders join new_orders_2 using (id) where id in (select id from new_orders)',
    )
    expect(query.inputs).toEqual({ new_orders: table, new_orders_2: other })
  })

  test('bindSql says what the sources stand for, and refuses what is no query', () => {
    const table = { name: 'orders' }
    const query = bindSql(sql`select * from ${o}`, { o: table })
    expect(query.inputs).toEqual({ o: table })
    expect(isSql(query)).toBe(true)
    expect(() => bindSql('select 1' as never, {})).toThrow(expect.objectContaining({ code: 'SQL_INVALID' }))
  })

  test('columns are typed by the row', () => {
    expectTypeOf<Source<{ id: string; n: number | null }>['n']>().toEqualTypeOf<SqlColumn<number | null>>()
    const typed = o as unknown as Source<{ id: string }>
    // @ts-expect-error no such column
    expect(sql`select ${typed.idd}`.text).toBe('select o.idd')
  })
})
