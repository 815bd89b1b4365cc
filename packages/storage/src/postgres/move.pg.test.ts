import { aStep, create, record } from '@sluice/engine/rows'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openSqliteInProcess } from '../index.ts'
import { checkPostgres, moveToPostgres, openPostgres } from '../postgres.ts'
import { aDatabase, server } from '../testing.ts'

describe.runIf(server !== undefined)('a SQLite store that moves', () => {
  let folder: string
  let path: string
  let database: Awaited<ReturnType<typeof aDatabase>>
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-move-'))
    path = join(folder, 'sluice.db')
    database = await aDatabase()
  })
  afterEach(async () => {
    rmSync(folder, { recursive: true, force: true })
    await database.drop()
  })

  test('every row of every table arrives, reads the same, and is gone on with', async () => {
    const before = await openSqliteInProcess(path)
    await before.commit([
      create('r1', { tags: { team: 'data' }, owners: ['team:data'], title: 'Ünï "quoted" \\ back' }),
      { change: 'run.claim', run: 'r1', from: 0, owner: 'o', at: 1, codeVersion: 'c' },
      ...Array.from({ length: 4500 }, (_, n) => record(aStep('r1', n + 1))),
      { change: 'partitions.add', name: 'customers', keys: ['b', 'a', 'ü{"},'], at: 5 },
      { change: 'blob.put', ref: 'x', piece: 0, text: 'y'.repeat(3_000_000) },
      { change: 'blob.put', ref: 'x', piece: 1, text: 'z'.repeat(3_000_000) },
      { change: 'blob.put', ref: 'x', piece: 2, text: 'y'.repeat(3_000_000) },
      {
        change: 'log.add',
        epoch: 1,
        run: 'r1',
        lines: [
          { id: 0, run: 'r1', step: 1, attempt: 1, at: 1, level: 'info', message: 'a\0\n"b"', data: '{"a":null}' },
        ],
      },
    ])
    // A row in every table, whatever its columns are called.
    const raw = new DatabaseSync(path)
    const tables = raw
      .prepare(`select name from sqlite_master where type = 'table' and name not like 'sqlite~_%' escape '~'`)
      .all()
      .map((row) => String(row['name']))
      .filter((name) => name !== 'migrations')
    for (const table of tables) {
      if (raw.prepare(`select 1 from "${table}" limit 1`).get()) continue
      const columns = raw.prepare(`select name, type from pragma_table_info('${table}')`).all()
      const values = columns.map(({ type }) =>
        String(type).toLowerCase() === 'text' ? `'t,{}"\\'` : type === 'REAL' ? '0.5' : '1',
      )
      raw.exec(
        `insert into "${table}" (${columns.map(({ name }) => `"${String(name)}"`).join(', ')}) values (${values.join(', ')})`,
      )
    }
    raw.exec(
      `delete from queue; update runs set state = 'crashed', owner = null, ended_at = 9; delete from runs where id <> 'r1'`,
    )
    // The newest event of all was retained no longer: its number is not given again.
    raw.exec(`update sqlite_sequence set seq = 1000 where name = 'events'`)
    const counts = Object.fromEntries(
      tables.map((table) => [table, Number(raw.prepare(`select count(*) as n from "${table}"`).get()!['n'])]),
    )
    raw.close()
    const read = async (store: typeof before) => ({
      run: await store.runs.get('r1'),
      tagged: await store.runs.list({ tag: 'team=data' }),
      steps: await store.steps.list('r1', { limit: 10_000 }),
      events: await store.events.list({}),
      keys: await store.partitions.keys('customers'),
      piece: await store.blobs.piece('x', 1),
    })
    const was = await read(before)
    await before.close()

    expect(await moveToPostgres(path, database.url)).toEqual(counts)
    expect(Object.values(counts).filter((count) => count === 0)).toEqual([0]) // the queue
    const after = await openPostgres(database.url)
    expect(await read(after)).toEqual(was)
    expect((await after.logs.list({ run: 'r1' }))[0]!.message).toBe('a\u{FFFD}\n"b"')
    await after.commit([
      create('r2'),
      { change: 'run.claim', run: 'r1', from: 1, owner: 'o2', at: 10, codeVersion: null },
      { change: 'partitions.add', name: 'customers', keys: ['last'], at: 6 },
    ])
    expect((await after.events.list({})).slice(was.events.length).map(({ type, id }) => [type, id])).toEqual([
      ['run.created', 1001],
      ['run.resumed', 1002],
      ['partitions.changed', 1003],
    ])
    expect((await after.partitions.keys('customers')).at(-1)).toBe('last')
    await after.close()
  })

  test('a store that is whole stays whole, and is found out where it is not', async () => {
    const before = await openSqliteInProcess(path)
    await before.commit([create('r1'), { change: 'run.cancel', run: 'r1', at: 1 }])
    await before.close()
    expect(await checkPostgres(database.url)).toEqual([expect.stringContaining('There is no store')])
    await moveToPostgres(path, database.url)
    expect(await checkPostgres(database.url)).toEqual([])
    await database.sql.query('update runs set ended_at = null')
    expect(await checkPostgres(database.url)).toEqual([expect.stringContaining('run that is over without a time')])
  })

  test('nothing arrives where runs are active, and nothing is mixed with what is there', async () => {
    const before = await openSqliteInProcess(path)
    await before.commit([
      create('r1'),
      { change: 'run.claim', run: 'r1', from: 0, owner: 'o', at: 1, codeVersion: null },
    ])
    await expect(moveToPostgres(path, database.url)).rejects.toMatchObject({ code: 'STORE_BUSY' })
    await before.commit([{ change: 'run.requeue', run: 'r1', epoch: 1, until: null, at: 2 }])
    await before.close()
    await moveToPostgres(path, database.url)
    await expect(moveToPostgres(path, database.url)).rejects.toMatchObject({ code: 'STORE_FAILED' })
    const { rows } = await database.sql.query('select id from runs')
    expect(rows).toEqual([{ id: 'r1' }])
  })

  test('one that breaks off leaves nothing behind', async () => {
    const before = await openSqliteInProcess(path)
    await before.commit([create('r1')])
    await before.close()
    await (await openPostgres(database.url)).close()
    // What comes late in the order of tables cannot be written.
    await database.sql.query('alter table runs add constraint none check (false)')
    await expect(moveToPostgres(path, database.url)).rejects.toMatchObject({ code: 'STORE_FAILED' })
    expect((await database.sql.query('select from events')).rowCount).toBe(0)
    await database.sql.query('alter table runs drop constraint none')
    expect((await moveToPostgres(path, database.url))['runs']).toBe(1)
  })
})
