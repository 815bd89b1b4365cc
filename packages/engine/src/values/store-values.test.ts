import { type IoManager, type Column, type Table, decode, encode } from '@sluice/core'
import { openSqliteInProcess } from '@sluice/storage'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Store } from '../store/ports.ts'
import { storeValues } from './store-values.ts'

let store: Store
let io: IoManager
beforeEach(async () => {
  store = await openSqliteInProcess(':memory:')
  io = await storeValues(store).open({ root: '.', home: '.', readOnly: false })
})
afterEach(() => store.close())

const at = (step: number, over = {}) => ({
  name: 'shop/orders',
  partition: '2026-01-01',
  slot: { run: 'r1', epoch: 2, step, attempt: 1 },
  columns: null,
  signal: new AbortController().signal,
  ...over,
})
const reading = { name: 'shop/orders', partition: null, columns: null }

test('a value of many pieces comes back as it was, and its size is in bytes', async () => {
  const value = { text: 'ü€𝄞'.repeat(700_000), more: [1n, new Date(5)] }
  const text = encode(value)
  const written = await io.write(text, at(1))
  expect(written.bytes).toBe(Buffer.byteLength(text))
  expect(await io.read(written.ref, reading)).toEqual(decode(text))
  expect((await store.blobs.list({ prefix: '' })).length).toBe(1)
  expect(await store.blobs.piece(`values/${written.ref as string}`, 2)).not.toBeNull()
})

test('rows come back row by row, from the first again with every reading, as many as are asked for', async () => {
  const columns: Column[] = [
    { name: 'id', type: 'integer', nullable: false },
    { name: 'text', type: 'string', nullable: false },
  ]
  const rows = Array.from({ length: 5_000 }, (_, id) => ({ id, text: 'x'.repeat(500) }))
  const written = await io.write(rows.values(), at(1, { columns }))
  expect(written).toMatchObject({ rows: 5_000 })
  const table = (await io.read(written.ref, { ...reading, columns })) as Table<{ id: number }>
  expect(await table.toArray()).toEqual(rows)
  expect((await Array.fromAsync(table.rows({ limit: 3 }))).map(({ id }) => id)).toEqual([0, 1, 2])
  const none = await io.write([], at(2, { columns }))
  expect(await ((await io.read(none.ref, { ...reading, columns })) as Table<unknown>).toArray()).toEqual([])
  await expect(io.write([{ id: 'no' }], at(3, { columns }))).rejects.toMatchObject({ code: 'ROW_INVALID' })
})

test('what is removed is missing, and every slot that has something is listed', async () => {
  const first = await io.write('1', at(1))
  const second = await io.write('2', at(2))
  const listed = () => Array.fromAsync(io.list!(), ({ slot }) => slot.step)
  expect(await listed()).toEqual([1, 2])
  await io.remove([first.ref])
  expect(await listed()).toEqual([2])
  await expect(io.read(first.ref, reading)).rejects.toMatchObject({ code: 'VALUE_MISSING' })
  expect(await io.read(second.ref, reading)).toBe(2)
})
