import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'

const main = join(import.meta.dirname, '../../../packages/sluice/bin/sluice.js')

const pipeline = `
import { asset } from 'sluice'
import { z } from 'zod'
const columns = z.object({ n: z.int(), text: z.string() })
export const small = asset('small', { columns }, function* () { yield { n: 1, text: 'x' } })
export const large = asset('large', { columns, inputs: { small } }, function* () {
  for (let n = 0; n < 100_000; n++) yield { n, text: \`\${n} \${Math.random()} \${'x'.repeat(50)}\` }
})
`

let folder: string
beforeEach(async () => {
  // Inside the checkout: the packages that the pipeline imports are found from here.
  folder = await mkdtemp(join(import.meta.dirname, '../.disk-full-'))
  await writeFile(join(folder, 'pipeline.ts'), pipeline)
  await mkdir(join(folder, 'disk'))
  await mkdir(join(folder, '.sluice'))
})
afterEach(() => rm(folder, { recursive: true }))

/** Where values are is a small disk in memory, seen by these commands alone: too small at first, with room later. */
async function onSmallDisk(size: string): Promise<string> {
  const sluice = `"${process.execPath}" "${main}"`
  const commands = [
    `mount -t tmpfs -o size=${size} none disk`,
    `mkdir disk/values`,
    `${sluice} materialize '*' || echo "exit $?"`,
    `mount -o remount,size=60m disk`,
    `${sluice} runs resume latest || echo "exit $?"`,
  ]
  const own = process.getuid!() === 0 ? '-m' : '-Urm'
  const { stdout, stderr } = await promisify(execFile)('unshare', [own, 'sh', '-ec', commands.join('\n')], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: '1' },
  })
  return `${stdout}${stderr}`
}

test.for([
  ['files', '', '3m'],
  ['duckdb', ", values: duckdb('disk/values/x.duckdb')", '3m'],
  ['parquet', ", values: parquet('disk/values')", '300k'],
] as const)(
  'a disk too full for a value stops the run, which goes on when there is room: %s',
  async ([place, values, size]) => {
    if (place === 'files') await symlink(join(folder, 'disk/values'), join(folder, '.sluice/values'))
    await writeFile(
      join(folder, 'sluice.config.ts'),
      `import { defineConfig } from 'sluice'
    import * as places from '@sluice/duckdb'
    const { duckdb, parquet } = places
    export default defineConfig({ entry: 'pipeline.ts'${values} })`,
    )
    const said = await onSmallDisk(size)
    expect(said).toContain('it was stopped: The disk is full')
    expect(said.match(/exit \d+/g)).toEqual(['exit 4'])
    expect(said.match(/✓ small /g)).toHaveLength(1)
    expect(said).toMatch(/✓ large .*100,000 rows/)
  },
)
