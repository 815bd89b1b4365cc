import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { readPage } from './docs/blocks.ts'
import { checkTypes } from './docs/check-types.ts'
import { openStage } from './docs/run-blocks.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const page = (...lines: string[]) => readPage('docs/planted.md', lines.join('\n'))

describe('reading a page', () => {
  test('finds TypeScript, and the shell blocks that say run', () => {
    const { blocks } = page(
      '# Title',
      '```ts file=one.ts no-run',
      'export const one = 1',
      '```',
      '```sh',
      'rm -rf everything',
      '```',
      '```sh run exit=2',
      'exit 2',
      '```',
      '```json',
      '{}',
      '```',
    )
    expect(blocks).toEqual([
      { language: 'ts', line: 3, code: 'export const one = 1\n', file: 'one.ts', run: false, exit: 0 },
      { language: 'sh', line: 9, code: 'exit 2\n', file: null, run: true, exit: 2 },
    ])
  })

  test('refuses a fence it does not know, so that no block escapes by a slip', () => {
    expect(() => page('```ts norun', '```')).toThrow('docs/planted.md:1: the fence says `norun`')
    expect(() => page('```typescript', '```')).toThrow('write `ts`')
    expect(() => page('```ts', 'const a = 1')).toThrow('never closed')
  })
})

describe('checking types', () => {
  const place = join(root, '.docs-check/harness-types')

  test('says the line in the page, and sees named files as they stand there', { timeout: 120_000 }, () => {
    const planted = page(
      '```ts file=a.ts',
      'export const a = 1',
      '```',
      '```ts',
      "import { a } from './a.ts'",
      'const text: string = a',
      '```',
      '```ts file=a.ts',
      "export const a = 'one'",
      '```',
      '```ts',
      "import { a } from './a.ts'",
      'const text: string = a',
      'const list: string[] = []',
      'const first: string = list[0]',
      '```',
    )
    const complaints = checkTypes(root, place, [planted])
    expect(complaints.map(({ line }) => line)).toEqual([6, 15])
    expect(complaints[0]).toMatchObject({ page: 'docs/planted.md', message: expect.stringContaining('TS2322') })
  })
})

describe('running blocks', () => {
  test('a throw, a wrong exit and a failing command are seen; what a block leaves is kept apart', async () => {
    const planted = page(
      '```ts file=kept.ts',
      "import { writeFileSync } from 'node:fs'",
      "if (import.meta.main) writeFileSync('left.txt', 'x')",
      'export const kept = 1',
      '```',
      '```sh run',
      'test -f left.txt',
      '```',
      '```ts',
      "import { existsSync } from 'node:fs'",
      "import { kept } from './kept.ts'",
      "if (existsSync('left.txt') || kept !== 1) throw new Error('not fresh')",
      '```',
      '```ts',
      "throw new Error('broken on purpose')",
      '```',
      '```sh run',
      'false',
      'true',
      '```',
      '```ts no-run',
      "throw new Error('never executed')",
      '```',
    )
    const stage = await openStage(root, join(root, '.docs-check/harness-runs'), planted)
    const ended = []
    for (const block of planted.blocks) ended.push(await stage.run(block))
    expect(ended.map(({ code }) => code)).toEqual([0, 0, 0, 1, 1, 0])
    expect(ended[3]!.output).toContain('broken on purpose')
  })

  test('a test file that a page shows runs under Vitest', async () => {
    const planted = page(
      '```ts file=good.test.ts',
      "import { expect, test } from 'vitest'",
      "test('adds', () => expect(1 + 1).toBe(2))",
      '```',
      '```ts file=bad.test.ts',
      "import { expect, test } from 'vitest'",
      "test('adds', () => expect(1 + 1).toBe(3))",
      '```',
    )
    const stage = await openStage(root, join(root, '.docs-check/harness-vitest'), planted)
    const ended = []
    for (const block of planted.blocks) ended.push(await stage.run(block))
    expect(ended.map(({ code }) => code)).toEqual([0, 1])
  })
})
