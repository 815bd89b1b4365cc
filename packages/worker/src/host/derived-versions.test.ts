import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Description } from '../messages.ts'
import { startChild } from '../supervisor.ts'

const sluice = fileURLToPath(new URL('../../../sluice', import.meta.url))
let root: string

const write = async (files: Readonly<Record<string, string>>): Promise<void> => {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), text)
  }
}

const lib = (version: string) => ({
  'node_modules/lib/package.json': `{ "name": "lib", "version": "${version}", "type": "module", "exports": "./index.js" }`,
})

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sluice-derived-'))
  await mkdir(join(root, 'node_modules'))
  await symlink(sluice, join(root, 'node_modules/sluice'))
  await write({
    'package.json': '{ "type": "module" }',
    'node_modules/lib/index.js': 'export const one = 1',
    'node_modules/other/package.json':
      '{ "name": "other", "version": "1.0.0", "type": "module", "exports": "./index.js" }',
    'node_modules/other/index.js': 'export const two = 2',
    ...lib('1.0.0'),
    'entry.ts': `export * from './raw.ts'\nexport * from './marts.ts'\nexport * from './made.ts'`,
    'raw.ts': `import { asset } from 'sluice'\nimport { one } from 'lib'\nimport { clean } from './clean.ts'
export const raw = asset('raw', { codeVersion: 'derived' }, () => clean(one))
export const declared = asset('declared', { codeVersion: '7' }, () => 1)\nexport const none = asset('none', () => 1)`,
    'clean.ts': `import { deep } from './deep'\nexport const clean = (n: number) => deep(n)`,
    'deep.ts': `export const deep = (n: number) => n`,
    'marts.ts': `import { asset } from 'sluice'\nimport { two } from 'other'
export const marts = asset('marts', { codeVersion: 'derived' }, () => two)`,
    'factory.ts': `import { asset } from 'sluice'
export const make = (name: string, run: () => number) => asset(name, { codeVersion: 'derived' }, run)`,
    'made.ts': `import { make } from './factory.ts'\nexport const made = make('made', () => 1)`,
  })
})
afterEach(() => rm(root, { recursive: true }))

/** The code version of each asset, as a process that loads the code now says it. */
async function versions(): Promise<Readonly<Record<string, string | undefined>>> {
  const child = startChild({
    entries: [join(root, 'entry.ts')],
    describing: true,
    root,
    home: join(root, '.sluice'),
    env: process.env,
    onOutput: () => {},
  })
  try {
    await child.loaded
    const { definitions } = (await child.ask({ request: 'describe', environment: 'dev', config: null })) as Description
    return Object.fromEntries(definitions.assets.map(({ name, codeVersion }) => [name, codeVersion]))
  } finally {
    await child.stop(2000)
  }
}

test('a derived version is of the files that define the asset, what they import, and the packages these import', async () => {
  const before = await versions()
  expect(before).toMatchObject({ declared: '7', none: undefined })
  expect(new Set([before['raw'], before['marts'], before['made']]).size).toBe(3)
  expect(before['raw']).toMatch(/^[\da-f]{32}$/)
  const changedBy = async (files: Readonly<Record<string, string>>): Promise<string[]> => {
    await write(files)
    const now = await versions()
    return Object.keys(now).filter((name) => now[name] !== before[name])
  }
  expect(await changedBy({ 'README.md': 'words', 'unused.ts': 'export const x = 1' })).toEqual([])
  expect(await changedBy({ 'deep.ts': `export const deep = (n: number) => n + 1` })).toEqual(['raw'])
  expect(await changedBy({ 'deep.ts': `export const deep = (n: number) => n` })).toEqual([])
  expect(await changedBy(lib('1.0.1'))).toEqual(['raw'])
  expect(await changedBy(lib('1.0.0'))).toEqual([])
  // Who calls the function that defines it counts too.
  expect(
    await changedBy({ 'made.ts': `import { make } from './factory.ts'\nexport const made = make('made', () => 2)` }),
  ).toEqual(['made'])
})
