import { chmodSync, mkdirSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { create } from '@sluice/engine/rows'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSqliteInProcess, openSqliteStore } from '../index.ts'
import { storeError } from './errors.ts'
import { networkFileSystem } from './network-fs.ts'
import { openChecked } from './open.ts'
import { sqliteStore } from './store.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-failures-'))
  path = join(folder, 'sluice.db')
})
afterEach(() => {
  chmodSync(folder, 0o755)
  rmSync(folder, { recursive: true, force: true })
})

const refusal = (code: string) => expect.objectContaining({ code, hint: expect.stringMatching(/\w{3}/) })

test('a full disk: nothing of the batch is kept, and a later commit works', async () => {
  const opened = openChecked({ path })
  const store = sqliteStore(opened)
  await store.commit([create('r1')])
  const pages = Number(opened.writer.prepare('pragma page_count').get()!['page_count'])
  opened.writer.exec(`pragma max_page_count = ${pages + 3}`)
  await expect(store.commit([create('r2'), create('r3', { params: 'x'.repeat(100_000) })])).rejects.toEqual(
    refusal('STORE_FULL'),
  )
  expect(await store.runs.get('r2')).toBeNull()
  expect(await store.commit([create('r4')])).toEqual([{ ok: true }])
  opened.writer.exec('pragma max_page_count = 100000')
  expect(await store.commit([create('r2'), create('r3', { params: 'x'.repeat(100_000) })])).toEqual([
    { ok: true },
    { ok: true },
  ])
  await store.close()
})

test('a file that is no database, or another program’s, or damaged', async () => {
  writeFileSync(path, 'hello '.repeat(1000))
  await expect(openSqliteStore({ path })).rejects.toEqual(refusal('STORE_CORRUPT'))
  rmSync(path)
  const other = new DatabaseSync(path)
  other.exec('create table theirs (a)')
  other.close()
  await expect(openSqliteInProcess(path)).rejects.toEqual(refusal('STORE_CORRUPT'))
  rmSync(path)
  const store = await openSqliteInProcess(path)
  await store.commit(Array.from({ length: 500 }, (_, nth) => create(`r${nth}`, { params: 'x'.repeat(1000) })))
  await store.close()
  const file = openSync(path, 'r+')
  writeSync(file, Buffer.alloc(4096, 7), 0, 4096, Math.floor(statSync(path).size / 8192) * 4096)
  await expect(openSqliteStore({ path })).rejects.toEqual(refusal('STORE_CORRUPT'))
})

test('a store of a newer version is not touched', async () => {
  await (await openSqliteInProcess(path)).close()
  const newer = new DatabaseSync(path)
  newer.exec('pragma user_version = 999')
  newer.close()
  await expect(openSqliteStore({ path })).rejects.toEqual(refusal('STORE_TOO_NEW'))
  await expect(openSqliteInProcess(path)).rejects.toEqual(refusal('STORE_TOO_NEW'))
})

test('a folder or file where nothing can be written', async () => {
  writeFileSync(join(folder, 'file'), '')
  await expect(openSqliteStore({ path: join(folder, 'file', 'sluice.db') })).rejects.toEqual(refusal('STORE_READ_ONLY'))
  mkdirSync(path)
  await expect(openSqliteStore({ path })).rejects.toEqual(refusal('STORE_READ_ONLY'))
})

test('a store that is opened for reading refuses to be written, and reads', async () => {
  await expect(openSqliteStore({ path, readOnly: true })).rejects.toEqual(refusal('STORE_READ_ONLY'))
  const store = await openSqliteInProcess(path)
  await store.commit([create('r1')])
  const reading = await openSqliteStore({ path, readOnly: true })
  await expect(reading.commit([create('r2')])).rejects.toEqual(refusal('STORE_READ_ONLY'))
  expect((await reading.runs.list({})).map((run) => run.id)).toEqual(['r1'])
  await reading.close()
  await store.close()
})

test('another process that holds the store too long: busy, and it helps to try again', async () => {
  const opened = openChecked({ path })
  opened.writer.exec('pragma busy_timeout = 1')
  const store = sqliteStore(opened)
  const other = new DatabaseSync(path)
  other.exec('begin immediate')
  await expect(store.commit([create('r1')])).rejects.toMatchObject({ code: 'STORE_BUSY', retryable: true })
  other.exec('rollback')
  other.close()
  expect(await store.commit([create('r1')])).toEqual([{ ok: true }])
  await store.close()
})

test('errors of the file system have the codes of the store', () => {
  const code = (of: string) => (storeError(Object.assign(new Error(of), { code: of }), path) as { code?: string }).code
  expect(['ENOSPC', 'EACCES', 'EROFS'].map(code)).toEqual(['STORE_FULL', 'STORE_READ_ONLY', 'STORE_READ_ONLY'])
  const sqlite = (errcode: number) =>
    (storeError(Object.assign(new Error('x'), { errcode }), path) as { code?: string }).code
  // 778: IOERR_WRITE on a disk with room; 1032: READONLY_DBMOVED; 267: CORRUPT_VTAB; 19: CONSTRAINT
  expect([13, 1032, 14, 267, 26, 5, 778, 19].map(sqlite)).toEqual([
    'STORE_FULL',
    'STORE_READ_ONLY',
    'STORE_READ_ONLY',
    'STORE_CORRUPT',
    'STORE_CORRUPT',
    'STORE_BUSY',
    'STORE_FAILED',
    'STORE_FAILED',
  ])
})

test('network file systems are known by their number, or by their path', () => {
  const known = (type: number) => networkFileSystem('/mnt/x', 'linux', type)
  expect([0x6969, 0xff534d42, 0xfe534d42, 0x01021997, 0x00c36400].map(known)).toEqual([
    'NFS',
    'CIFS',
    'SMB2',
    '9P',
    'Ceph',
  ])
  expect([0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630].map(known)).toEqual([null, null, null, null, null])
  expect(networkFileSystem('\\\\server\\share\\s.db', 'win32', 0)).toBe('a network share')
  expect(networkFileSystem('\\\\?\\C:\\s.db', 'win32', 0x6969)).toBeNull()
})
