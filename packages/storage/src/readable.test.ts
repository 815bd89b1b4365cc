import { once } from 'node:events'
import { expect, test } from 'vitest'
import { readable } from './readable.ts'

test('a damaged row is left out of a list and named once; the others are read', async () => {
  const rows = [
    { id: 1, text: '{"a":1}' },
    { id: 2, text: '{"cut off' },
    { id: 3, text: '3' },
  ]
  const warned = once(process, 'warning')
  const read = () =>
    readable(
      'things',
      rows,
      ({ text }) => JSON.parse(text) as unknown,
      ({ id }) => id,
    )
  expect(read()).toEqual([{ a: 1 }, 3])
  const [warning] = (await warned) as [Error & { code: string }]
  expect(warning).toMatchObject({ code: 'STORE_CORRUPT', message: expect.stringContaining('things 2') as string })
  let again = 0
  process.on('warning', () => again++)
  read()
  await new Promise((resolve) => setImmediate(resolve))
  expect(again).toBe(0)
})
