import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { readPage } from './docs/blocks.ts'
import { checkTypes } from './docs/check-types.ts'
import { openStage, type Stage } from './docs/run-blocks.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const paths = ['README.md', ...globSync('docs/**/*.md', { cwd: root })].sort()
const pages = paths.map((path) => readPage(path, readFileSync(join(root, path), 'utf8')))

test('every TypeScript block is correct to the type-checker', () => {
  const complaints = checkTypes(root, join(root, '.docs-check/types'), pages)
  expect(complaints.map(({ page, line, message }) => `${page}:${line} ${message}`)).toEqual([])
})

describe.each(pages.filter(({ blocks }) => blocks.length > 0))('$path', (page) => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage(root, join(root, '.docs-check/runs'), page)
  })

  test.each(page.blocks)('line $line runs', { timeout: 120_000 }, async (block) => {
    const { code, output } = await stage.run(block)
    expect(code, `${page.path}:${block.line}\n${output}`).toBe(block.exit)
  })
})
