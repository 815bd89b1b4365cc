import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import S3rver from '@20minutes/s3rver'
import { columnsOf, encode, type IoManager, type Table, type WriteContext } from '@sluice/core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type S3Options, s3 } from './index.ts'

const credentials = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' }
const columns = columnsOf(z.object({ n: z.number(), text: z.string() }), 'test')
const folder = mkdtempSync(join(tmpdir(), 'sluice-s3-'))
const server = new S3rver({
  port: 0,
  address: '127.0.0.1',
  silent: true,
  directory: folder,
  configureBuckets: [{ name: 'values' }],
  // It signs the query of a listing otherwise than AWS does.
  allowMismatchedSignatures: true,
})

let endpoint: string
beforeAll(async () => {
  const { address, port } = await server.run()
  endpoint = `http://${address}:${port}`
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

const open = (over: Partial<S3Options> = {}, readOnly = false): Promise<IoManager> =>
  s3({ bucket: 'values', endpoint, credentials, ...over }).open({ root: '/', home: '/', readOnly })
let place: IoManager
beforeEach(async () => {
  place = await open()
})
afterEach(() => place.close())

let attempts = 0
const context = (over: Partial<WriteContext> = {}): WriteContext => ({
  name: 'marts/revenue',
  partition: '2026-01-01',
  slot: { run: 'r1', epoch: 1, step: 2, attempt: ++attempts },
  columns: null,
  signal: new AbortController().signal,
  ...over,
})
const rowsOf = (table: unknown, limit?: number) =>
  Array.fromAsync((table as Table<unknown>).rows(limit === undefined ? {} : { limit }))

describe('values in a bucket', () => {
  test('what was written is read back, wherever it is opened', async () => {
    const value = { at: new Date(5), text: 'ünï', big: 10n }
    const written = await place.write(encode(value), context())
    expect(written).toMatchObject({
      ref: expect.stringMatching(/^marts\/revenue\/2026-01-01\/r1-1-2-\d+\.json$/) as string,
    })
    expect(written.bytes).toBe(Buffer.byteLength(encode(value)))
    const elsewhere = await open()
    expect(await elsewhere.read(written.ref, context())).toEqual(value)
    await elsewhere.close()
  })

  test('a table streams in and out: larger than its parts, read as far as is asked', async () => {
    const text = 'x'.repeat(1000)
    let made = 0
    const rows = async function* () {
      for (let n = 0; n < 20_000; n++) yield ((made++, { n, text }))
    }
    const ctx = context({ columns })
    const written = await place.write(rows(), ctx)
    expect(written).toMatchObject({ rows: 20_000 })
    expect(written.bytes).toBeGreaterThan(20_000_000)
    expect(made).toBe(20_000)
    const table = await place.read(written.ref, ctx)
    expect(await rowsOf(table, 2)).toEqual([
      { n: 0, text },
      { n: 1, text },
    ])
    let sum = 0
    for await (const row of (table as Table<{ n: number }>).rows()) sum += row.n
    expect(sum).toBe((20_000 * 19_999) / 2)
  })

  test('an empty table, and one of an array', async () => {
    for (const rows of [[], [{ n: 1, text: 'one' }]]) {
      const ctx = context({ columns, partition: null })
      const written = await place.write(rows, ctx)
      expect(written.rows).toBe(rows.length)
      expect(await rowsOf(await place.read(written.ref, ctx))).toEqual(rows)
    }
  })

  test('rows that do not fit, and rows that fail, fail the write as themselves and publish nothing', async () => {
    const before = (await Array.fromAsync(place.list!())).length
    await expect(place.write([{ n: 'no' }], context({ columns }))).rejects.toMatchObject({ code: 'ROW_INVALID' })
    const failing = async function* () {
      for (let n = 0; n < 30_000; n++) yield { n, text: 'x'.repeat(1000) }
      throw new Error('on purpose')
    }
    await expect(place.write(failing(), context({ columns }))).rejects.toThrow('on purpose')
    const given = new AbortController()
    const endless = async function* () {
      for (let n = 0; ; n++) {
        if (n === 20_000) given.abort(new Error('enough'))
        yield { n, text: 'x'.repeat(1000) }
      }
    }
    await expect(place.write(endless(), context({ columns, signal: given.signal }))).rejects.toThrow('enough')
    expect(await Array.fromAsync(place.list!())).toHaveLength(before)
  })

  test('lists slots below its prefix, and deletes what it is told to', async () => {
    const own = await open({ prefix: 'team/a' })
    const refs = []
    for (const name of ['one', 'two']) refs.push((await own.write(encode(1), context({ name }))).ref)
    const listed = await Array.fromAsync(own.list!())
    expect(new Set(listed.map(({ ref }) => ref))).toEqual(new Set(refs))
    expect(listed[0]!.slot).toMatchObject({ run: 'r1', epoch: 1, step: 2 })
    await own.remove([...refs, 'gone/r1-1-1-1.json'])
    expect(await Array.fromAsync(own.list!())).toEqual([])
    await expect(own.read(refs[0]!, context({ name: 'one' }))).rejects.toMatchObject({
      code: 'VALUE_MISSING',
      hint: expect.stringContaining('sluice materialize one') as string,
    })
    await own.close()
  })

  test('says what is wrong where it cannot be reached, and writes nothing where it may only read', async () => {
    const wrong = await open({ bucket: 'nowhere' })
    await expect(wrong.write(encode(1), context())).rejects.toMatchObject({ code: 'STORE_FAILED', retryable: true })
    await expect(wrong.read('a/r1-1-1-1.json', context())).rejects.toMatchObject({ code: 'STORE_FAILED' })
    await wrong.close()
    const reader = await open({}, true)
    await expect(reader.write(encode(1), context())).rejects.toMatchObject({ code: 'STORE_READ_ONLY' })
    await reader.close()
  })
})
