import { aStep, create, record } from '@sluice/engine/rows'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { backup, check, openSqliteInProcess, openSqliteStore, restore, schemaVersion } from '../index.ts'
import { migrationsOf } from '../migrate.ts'
import { migrate } from './migrate.ts'
import { openDatabase } from './open-database.ts'

let folder: string
let path: string
let copy: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-maintenance-'))
  path = join(folder, 'sluice.db')
  copy = join(folder, 'backups', 'copy.db')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const claim = (run: string) => ({ change: 'run.claim', run, from: 0, owner: 'o', at: 1, codeVersion: null }) as const
const end = (run: string) =>
  ({ change: 'run.end', run, epoch: 1, state: 'succeeded', error: null, result: null, at: 2 }) as const

test('a backup of a store that is being written, restored over what came later', async () => {
  const store = await openSqliteStore({ path })
  await store.commit([create('r1'), claim('r1'), record(aStep('r1', 1))])
  await backup(path, copy)
  await store.commit([record(aStep('r1', 2)), end('r1')])
  await expect(backup(path, copy)).rejects.toMatchObject({ code: 'STORE_FAILED' }) // never over another
  await expect(restore(copy, path)).rejects.toMatchObject({ code: 'STORE_BUSY' })
  await store.close()
  expect(readdirSync(join(folder, 'backups'))).toEqual(['copy.db'])
  await restore(copy, path)
  const restored = await openSqliteInProcess(path)
  expect(await restored.steps.counts('r1')).toEqual({ succeeded: 1 })
  expect(await restored.runs.get('r1')).toMatchObject({ state: 'running' })
  await restored.close()
})

test('a damaged backup is not restored, and the store stays', async () => {
  const store = await openSqliteInProcess(path)
  await store.commit([create('r1')])
  await store.close()
  const bad = join(folder, 'bad.db')
  writeFileSync(bad, 'x'.repeat(5000))
  await expect(restore(bad, path)).rejects.toMatchObject({ code: 'STORE_CORRUPT' })
  expect(check(path)).toEqual([])
  rmSync(path)
  await backupOf('r2')
  await restore(copy, path) // where there is no store
  expect(existsSync(path)).toBe(true)
})

async function backupOf(id: string): Promise<void> {
  const other = join(folder, 'other.db')
  const store = await openSqliteInProcess(other)
  await store.commit([create(id)])
  await store.close()
  await backup(other, copy)
}

test.each([
  ['a step without its outcome number', 'update steps set seq = null where step = 1', /outcome.*r1 step 1/],
  ['two outcomes with one number', 'update steps set seq = 1', /one number.*r1 outcome 1/],
  ['a parent that is not there', 'update steps set parent = 1 where step = 1', /parent.*r1 step 1/],
  ['a step of another epoch', 'update steps set epoch = 2 where step = 2', /epoch.*r1 step 2/],
  ['a step of no run', "update steps set run = 'r9' where step = 2", /run that is not there.*r9 step 2/],
  ['an ended run without a time', 'update runs set ended_at = null', /without a time.*r1/],
  ['an ended run that somebody holds', "update runs set owner = 'o'", /hold.*r1/],
  ['an asset whose newest record is another', 'update assets set latest = 1', /asset.*orders/],
  ['a slice whose newest materialization is another', 'update slices set materialization = 1', /slice.*orders/],
])('check finds %s', async (_, sql, says) => {
  const store = await openSqliteInProcess(path)
  const made = (step: number) =>
    ({
      change: 'asset.record',
      epoch: 1,
      materialization: {
        id: 0,
        kind: 'materialization',
        asset: 'orders',
        partition: null,
        run: 'r1',
        step,
        attempt: 1,
        at: 1,
        value: null,
        dataVersion: 'v',
        codeVersion: null,
        inputVersions: {},
        metadata: {},
      },
    }) as const
  await store.commit([
    create('r1'),
    claim('r1'),
    record(aStep('r1', 1)),
    record(aStep('r1', 2)),
    made(1),
    made(2),
    end('r1'),
  ])
  await store.close()
  expect(check(path)).toEqual([])
  const database = new DatabaseSync(path)
  database.exec(sql)
  database.close()
  expect(check(path)).toEqual([expect.stringMatching(says)])
})

test('check says what is wrong with a file that is no store', () => {
  writeFileSync(path, 'x'.repeat(5000))
  expect(check(path)).toEqual([expect.stringContaining('not a store of Sluice')])
})

test('migrations: applied once, in order, recorded with their checksum', () => {
  const database = openDatabase({ path })
  const step = (version: number, sql: string) => ({
    version,
    name: `m${version}`,
    sql,
    checksum: createHash('sha256').update(sql).digest('hex'),
  })
  const first = step(1, 'create table a (x)')
  const second = step(2, 'alter table a add column y')
  expect(migrate(database, path, [first])).toEqual([1])
  expect(migrate(database, path, [first])).toEqual([])
  expect(migrate(database, path, [first, second])).toEqual([2])
  const rows = database.prepare('select version, name, checksum from migrations order by version').all()
  expect(rows.map((row) => ({ ...row }))).toEqual(
    [first, second].map(({ version, name, checksum }) => ({ version, name, checksum })),
  )
  expect(() => migrate(database, path, [first])).toThrow(expect.objectContaining({ code: 'STORE_TOO_NEW' }))
  database.close()
})

test('a migration that fails leaves the schema as it was', () => {
  const database = openDatabase({ path })
  const broken = { version: 1, name: 'broken', sql: 'create table a (x); create table a (x)', checksum: '' }
  expect(() => migrate(database, path, [broken])).toThrow('already exists')
  expect(database.prepare('select count(*) as tables from sqlite_master').get()).toEqual(
    expect.objectContaining({ tables: 0 }),
  )
  expect(migrate(database, path)).toEqual(migrationsOf('sqlite').map(({ version }) => version))
  database.close()
})

test('versions of migrations are 1, 2, 3 …, and the last one is the version of the schema', () => {
  const versions = migrationsOf('sqlite').map(({ version }) => version)
  expect(versions).toEqual(versions.map((_, index) => index + 1))
  expect(schemaVersion).toBe(versions.length)
})
