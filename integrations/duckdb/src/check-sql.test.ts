import { type Column, param, type Source, sourcesFor, sql, type SqlCheck } from '@sluice/core'
import { expect, test } from 'vitest'
import { checkSql } from './check-sql.ts'

const orders: Column[] = [
  { name: 'customer', type: 'string', nullable: false },
  { name: 'cents', type: 'integer', nullable: false },
  { name: 'at', type: 'date', nullable: true },
  { name: 'tags', type: 'json', nullable: true },
  { name: 'paid', type: 'boolean', nullable: true },
]
const { o, c } = sourcesFor(['o', 'c']) as unknown as Record<
  'o' | 'c',
  Source<{ customer: string; cents: number; at: Date; wrong: never }>
>
const column = (name: string, type: Column['type'], nullable = false): Column => ({ name, type, nullable })
const check = (query: unknown, ...columns: Column[]): SqlCheck => ({
  asset: 'marts/revenue',
  sql: query,
  inputs: { o: orders, c: orders },
  columns,
})
const messages = async (...checks: SqlCheck[]) => (await checkSql(checks)).map(({ message }) => message)

test('queries that fit say nothing', async () => {
  const found = await messages(
    check(
      sql`select ${o.customer}, sum(${o.cents}) as cents, avg(${o.cents}) as mean, count(*) as n from ${o} where ${o.at} > ${param(new Date())} group by 1`,
      column('customer', 'string'),
      column('cents', 'integer'),
      column('mean', 'number'),
      column('n', 'bigint'),
    ),
    check(
      sql`select date_trunc('day', ${o.at}) as day, ${o.customer} = 'x' as is_x, {a: 1} as extra from ${o} join ${c} on ${o.customer} = ${c.customer} where ${o.at}::date = ${param('2024-01-01')}`,
      column('day', 'date', true),
      column('is_x', 'boolean'),
      column('extra', 'json'),
    ),
  )
  expect(found).toEqual([])
})

test('each mistake has its sentence', async () => {
  expect(
    await messages(
      check(sql`select ${o.wrong} as cents from ${o}`, column('cents', 'integer')),
      check(sql`select custmer from ${o}`, column('custmer', 'string')),
      check(
        sql`select ${o.customer} as cents, ${o.cents} as cnts from ${o}`,
        column('cents', 'integer'),
        column('customer', 'string'),
      ),
      check(sql`select avg(${o.cents}) as cents from ${o}`, column('cents', 'integer')),
      check(sql`select ${o.cents} frm ${o}`, column('cents', 'integer')),
      check(sql`select sum(${o.customer}) as cents from ${o}`, column('cents', 'integer')),
      check('select 1', column('cents', 'integer')),
    ),
  ).toMatchInlineSnapshot(`
    [
      ""o" has no column "wrong" (it has customer, cents, at, tags, paid)",
      "Referenced column "custmer" not found in FROM clause!
    Candidate bindings: "customer", "cents", "at"
            select custmer from "o"
                   ^",
      "column "cents" is an integer, but the query gives VARCHAR: cast it (cents::BIGINT), or change \`columns\`",
      "column "customer" is not in the query's result (cents, cnts)",
      "the query gives a column "cnts" that \`columns\` does not have",
      "column "cents" is an integer, but the query gives DOUBLE: cast it (cents::BIGINT), or change \`columns\`",
      "syntax error at or near ""o""
            select "o"."cents" frm "o"
                                   ^",
      "No function matches the given name and argument types 'sum(VARCHAR)'. You might need to add explicit type casts.
    	Candidate functions:
    	sum(DECIMAL) -> DECIMAL
    	sum(BOOLEAN) -> HUGEINT
    	sum(SMALLINT) -> HUGEINT
    	sum(INTEGER) -> HUGEINT
    	sum(BIGINT) -> HUGEINT
    	sum(HUGEINT) -> HUGEINT
    	sum(DOUBLE) -> DOUBLE
    	sum(BIGNUM) -> BIGNUM
            select sum("o"."customer") as cents from "o"
                   ^",
      "its \`sql\` function gave no query: return sql\`select …\`",
    ]
  `)
})

test('one query does not see the inputs of another', async () => {
  const found = await checkSql([
    check(sql`select ${o.cents} from ${o}`, column('cents', 'integer')),
    {
      asset: 'b',
      sql: sql`select ${o.cents} from ${o}`,
      inputs: { o: [column('other', 'string')] },
      columns: [column('cents', 'integer')],
    },
  ])
  expect(found).toEqual([{ asset: 'b', message: '"o" has no column "cents" (it has other)' }])
})

test('a source that is no input is named', async () => {
  expect(
    await messages(check(sql`select 1 as cents from ${sourcesFor(['nope'])['nope']!}`, column('cents', 'integer'))),
  ).toEqual([expect.stringContaining('"nope"')])
})
