import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RealProject, realProject, steady } from '../../fixtures/real-project.ts'

let project: RealProject

// One project in which everything was made once; these tests only look.
beforeAll(async () => {
  project = await realProject(fileURLToPath(new URL('../../fixtures/pipeline', import.meta.url)))
  const made = await project.sluice(['materialize', '*', '--partition', '2026-01-01..2026-01-03'])
  if (made.exitCode !== 0) throw new Error(made.stderr)
})
afterAll(() => project.remove())

async function look(...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await project.sluice(args)
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  return steady(stdout, project.folder)
}

describe('sluice runs', () => {
  test('list', async () => {
    expect(await look('runs')).toMatch(
      /^state +run +what +started +took +from\n✓ succeeded +<run> +\* 2026-01-01\.\.2026-01-03 \(3\) +/,
    )
    expect(await look('runs', 'list', '--state', 'failed')).toBe('No run is like that. sluice runs list shows all.\n')
    expect(JSON.parse(await look('runs', 'list', '--asset', 'total', '--json'))).toMatchObject([{ name: '*' }])
  })

  test('show', async () => {
    const page = await look('runs', 'show')
    expect(page).toContain('✓ *  succeeded')
    expect(page).toMatch(/target +4 assets of \*, 3 partitions|target +3 assets of \*, 3 partitions/)
    expect(page).toMatch(/↷ nothing +<time> .*there is nothing today/)
    expect(page).toContain('✓ shop/orders: has_rows  3 of 3')
    expect(page).toContain('! shop/orders: odd did not pass  1 of 3 · warning · 2026-01-02')
    expect(page).toContain('shop/orders  3 partitions · 9 rows')
  })

  test('an id that is none says which is the newest', async () => {
    const { exitCode, stderr } = await project.sluice(['runs', 'show', 'r9'])
    expect({ exitCode, stderr: steady(stderr, project.folder) }).toEqual({
      exitCode: 2,
      stderr: '✗ RUN_UNKNOWN There is no run r9.\n  → sluice runs list shows all; the newest is <run>.\n',
    })
  })
})

describe('sluice assets', () => {
  test('list', async () => {
    expect(
      (await look('assets'))
        .split('\n')
        .map((line) => line.replaceAll(/ {2,}/g, '  ').replace(/just now|<time> ago|\d+ s ago/, '<ago>')),
    ).toEqual([
      'asset  partitions  made  rows  group  what',
      'nothing  never',
      'shop/orders  daily 3/4  <ago>  3  shop  What was ordered',
      'total  <ago>',
      '',
    ])
  })

  test('show', async () => {
    const page = await look('assets', 'show', 'shop/orders')
    expect(page).toContain('shop/orders  What was ordered')
    expect(page).toMatch(/missing +1 partition: 2026-01-04/)
    expect(page).toMatch(/columns +id integer, name string/)
  })

  test('value', async () => {
    expect(await look('assets', 'value', 'shop/orders', '--partition', '2026-01-02', '--limit', '2')).toBe(
      'id  name\n 1  2026-01-02 #1\n 2  2026-01-02 #2\nthe first 2 rows; --limit N shows more\n',
    )
    expect(await look('assets', 'value', 'total')).toBe('{ rows: 9 }\n')
    expect(await look('assets', 'value', 'shop/orders', '--partition', '2026-01-02', '--json')).toBe(
      [1, 2, 3].map((id) => `{"id":${id},"name":"2026-01-02 #${id}"}\n`).join(''),
    )
    const { exitCode, stderr } = await project.sluice(['assets', 'value', 'nothing'])
    expect(exitCode).toBe(2)
    expect(stderr).toContain('VALUE_MISSING')
  })
})

test('sluice validate counts what there is, and names what nobody declared', async () => {
  expect(await look('validate')).toContain('3 assets, 2 checks, 2 jobs, 1 resource. Nothing was run.')
  await project.write({
    'reads.ts': "import { flow } from 'sluice'\nexport const f = flow('f', () => process.env['TOKEN_OF_F'])\n",
  })
  expect(await look('validate', 'reads.ts')).toContain('TOKEN_OF_F  reads.ts:2')
})

test('sluice doctor finds nothing wrong', async () => {
  expect(JSON.parse(await look('doctor', '--json'))).toMatchObject({ ok: true })
})

test('sluice values collect deletes what is old and not the latest', async () => {
  expect((await project.sluice(['materialize', 'total'])).exitCode).toBe(0)
  const count = async (...args: string[]): Promise<unknown> =>
    JSON.parse(await look('values', 'collect', '--json', ...args))
  expect(await count()).toMatchObject({ old: 0, orphans: 0, keep: '30d' })
  expect(await count('--keep', '0d', '--dry-run')).toMatchObject({ old: 1 })
  expect(await look('values', 'collect', '--keep', '0d')).toContain('Deleted 1 value')
  expect(await count('--keep', '0d')).toMatchObject({ old: 0, orphans: 0 })
  expect(await look('assets', 'value', 'total')).toBe('{ rows: 9 }\n')
})

describe('sluice db', () => {
  test('backup and restore bring back what was there', async () => {
    await look('db', 'backup', 'copy.db')
    const before = await look('runs', 'list', '--json')
    expect((await project.sluice(['materialize', 'total'])).exitCode).toBe(0)
    expect(await look('runs', 'list', '--json')).not.toBe(before)
    await look('db', 'restore', 'copy.db')
    expect(await look('runs', 'list', '--json')).toBe(before)
    expect(await look('db', 'migrate')).toContain('has schema')
  })

  test('check finds a damaged store', async () => {
    expect(await look('db', 'check')).toContain('is whole')
    const store = join(project.folder, '.sluice/sluice.db')
    const bytes = await readFile(store)
    await writeFile(store, Buffer.concat([Buffer.from('no database at all'), bytes.subarray(18)]))
    expect((await project.sluice(['db', 'check'])).exitCode).toBe(4)
    const { exitCode, stderr } = await project.sluice(['runs', 'list'])
    expect(exitCode).toBe(4)
    expect(stderr).toContain('STORE_CORRUPT')
    await writeFile(store, bytes)
  })
})

test('looking at a folder where nothing ran makes nothing there', async () => {
  const empty = await realProject()
  try {
    expect((await empty.sluice(['runs'])).stdout).toBe('There are no runs here yet. sluice run FILE starts one.\n')
    expect((await empty.sluice(['runs', 'show'])).exitCode).toBe(2)
    expect(existsSync(join(empty.folder, '.sluice'))).toBe(false)
  } finally {
    await empty.remove()
  }
})
