import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lineWriter, readLines } from './row-file.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-rows-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function roundTrip(lines: readonly string[]): Promise<{ back: string[]; bytes: number }> {
  const path = join(folder, 'rows')
  const out = await open(path, 'w')
  const writer = lineWriter(out, () => {})
  for (const line of lines) {
    const left = writer.add(`${line}\n`)
    if (left !== undefined) await writer.spill(left)
  }
  const bytes = await writer.end()
  await out.close()
  const handle = await open(path, 'r')
  const back: string[] = []
  for await (const some of readLines(handle)) back.push(...some)
  await handle.close()
  return { back, bytes }
}

test('lines come back as they were, whatever their length and their letters', async () => {
  const lines = [
    '',
    'a',
    'é'.repeat(600_000),
    'line',
    '€'.repeat(2_000_000),
    '🦆'.repeat(100_000),
    ...Array.from({ length: 5_000 }, (_, n) => `${n} ${'xé🦆'.repeat(n % 300)}`),
  ]
  const { back, bytes } = await roundTrip(lines)
  expect(back.length).toBe(lines.length)
  expect(back.findIndex((line, nth) => line !== lines[nth])).toBe(-1)
  expect(bytes).toBe(Buffer.byteLength(lines.join('\n')) + 1)
})

test('no line is no byte', async () => {
  expect(await roundTrip([])).toEqual({ back: [], bytes: 0 })
})

test('who writes may be stopped between two writes', async () => {
  const handle = await open(join(folder, 'rows'), 'w')
  const writer = lineWriter(handle, () => {
    throw new Error('stop')
  })
  expect(writer.add('x\n')).toBeUndefined()
  await expect(writer.spill('y\n')).rejects.toThrow('stop')
  await handle.close()
})
