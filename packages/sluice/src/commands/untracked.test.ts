import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { refuseUntracked } from './untracked.ts'

let folder: string
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'sluice-untracked-'))))
afterAll(() => rm(folder, { recursive: true }))

async function hintFor(source: string): Promise<string | undefined> {
  const file = join(folder, 'load-orders.ts')
  await writeFile(file, source)
  try {
    refuseUntracked(file)
    return undefined
  } catch (error) {
    return (error as { hint: string }).hint.replaceAll(file, 'load-orders.ts')
  }
}

test.each([
  "export const f = flow('f', () => 1)",
  'export default f',
  'const f = 1\nexport { f }',
  'module.exports = { f }',
])('%s is left to be loaded', async (source) => {
  expect(await hintFor(source)).toBe(undefined)
})

test('a word in a comment or a text is no export', async () => {
  expect(await hintFor("// export const f = 1\n/* export */\nconsole.log('no export here')")).toContain(
    "flow('load-orders', async () => { … })",
  )
})

test.each(['await main()', 'main()', 'void main()', 'main().catch(console.error)'])(
  '%s becomes a flow in two lines',
  async (call) => {
    expect(await hintFor(`#!/usr/bin/env node\nasync function main() {}\n\n${call}\n`)).toBe(
      `Two lines make it a tracked flow:\n  + 2: import { flow } from 'sluice'\n  - 4: ${call}\n  + 4: export const loadOrders = flow('load-orders', main)\nThen: sluice run load-orders.ts`,
    )
  },
)
