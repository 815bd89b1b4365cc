import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { allPackages, arrows } from '../arrows.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

interface Plant {
  /** Where the import stands; one file each. */
  readonly folder: string
  readonly specifier: string
  readonly refused: boolean
}

const plants: readonly Plant[] = [
  // every package against every package
  ...Object.entries(arrows).flatMap(([folder, { name, allowed }]) =>
    allPackages
      .filter((other) => other !== name)
      .map((other) => ({ folder: `${folder}/src/runs`, specifier: other, refused: !allowed.includes(other) })),
  ),
  // examples see what users install
  { folder: 'examples/one', specifier: 'sluice', refused: false },
  { folder: 'examples/one', specifier: 'sluice/testing', refused: false },
  { folder: 'examples/one', specifier: '@sluice/duckdb', refused: false },
  { folder: 'examples/one', specifier: '@sluice/core', refused: true },
  { folder: 'examples/one', specifier: '@sluice/storage', refused: true },
  // doors
  { folder: 'packages/storage/src', specifier: '@sluice/engine/testing', refused: false },
  { folder: 'packages/storage/src', specifier: '@sluice/core/src/runs/run.ts', refused: true },
  { folder: 'packages/storage/src/runs', specifier: '../../../core/src/runs/run.ts', refused: true },
  { folder: 'tests', specifier: '../packages/core/src/runs/run.ts', refused: true },
  // effects
  { folder: 'packages/core/src/values', specifier: 'node:crypto', refused: true },
  { folder: 'packages/engine/src/runs', specifier: 'node:fs/promises', refused: true },
  { folder: 'packages/engine/src/values', specifier: 'node:fs/promises', refused: false },
  { folder: 'packages/engine/src/values', specifier: '@sluice/storage', refused: true },
  { folder: 'packages/engine/src/runs', specifier: 'node:child_process', refused: true },
  { folder: 'packages/engine/src/runs', specifier: 'node:sqlite', refused: true },
  { folder: 'packages/engine/src/runs', specifier: 'node:async_hooks', refused: false },
  { folder: 'packages/worker/src', specifier: 'node:child_process', refused: false },
  { folder: 'packages/worker/src', specifier: 'node:sqlite', refused: true },
]

const fileOf = (index: number) => `${plants[index]!.folder}/planted-${index}.ts`

interface Report {
  readonly diagnostics: readonly { readonly code: string; readonly filename: string }[]
}

/** Lints a folder that has our configuration and these files, and says which rules spoke about which file. */
async function lint(folder: string, files: Readonly<Record<string, string>>): Promise<string[]> {
  const config = `export { default } from ${JSON.stringify(join(root, 'oxlint.config.ts'))}\n`
  for (const [path, text] of Object.entries({ ...files, 'oxlint.config.ts': config })) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  const args = [join(root, 'node_modules/oxlint/bin/oxlint'), '--format=json', '.']
  const output = await new Promise<string>((resolve) => {
    execFile(process.execPath, args, { cwd: folder }, (_, stdout, stderr) => resolve(stdout || stderr))
  })
  const report = JSON.parse(output) as Report
  return report.diagnostics.map(({ code, filename }) => `${filename} ${code}`)
}

let folder: string
let found: string[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-arrows-'))
  const planted = plants.map(({ specifier }, index) => [fileOf(index), `export * from '${specifier}'\n`])
  const circle = {
    'packages/core/src/runs/a.ts': `import { b } from './b.ts'\n\nexport const a = () => b\n`,
    'packages/core/src/runs/b.ts': `import { a } from './a.ts'\n\nexport const b = () => a\n`,
  }
  const upward = {
    'packages/core/src/runs/type-only.ts': `import type { Store } from '@sluice/engine'\n\nexport type S = Store\n`,
    'packages/engine/src/runs/upward.test.ts': `import { open } from '@sluice/storage'\n\nopen()\n`,
  }
  found = await lint(folder, { ...Object.fromEntries(planted), ...circle, ...upward })
})

afterAll(() => rm(folder, { recursive: true }))

describe('the linter holds the arrows between packages', () => {
  test.each(plants.map((plant, index) => ({ ...plant, index })))(
    '$specifier in $folder: refused $refused',
    ({ index, refused }) => {
      const said = found.filter((line) => line.startsWith(`${fileOf(index)} `))
      expect(said).toEqual(refused ? [`${fileOf(index)} eslint(no-restricted-imports)`] : [])
    },
  )

  test('a type-only import is an import', () => {
    expect(found).toContain('packages/core/src/runs/type-only.ts eslint(no-restricted-imports)')
  })

  test('a test may import upward', () => {
    expect(found.filter((line) => line.includes('upward.test.ts') && line.includes('imports'))).toEqual([])
  })

  test('a circle of imports is refused', () => {
    expect(found).toContain('packages/core/src/runs/a.ts import(no-cycle)')
  })
})

describe('the arrows themselves', () => {
  test('the process that runs user code never reaches the store, and core reaches nothing', () => {
    expect(arrows['packages/worker']?.allowed).not.toContain('@sluice/storage')
    expect(arrows['packages/core']?.allowed).toEqual([])
  })

  test('point one way: nothing stands on what stands on it', () => {
    const allowedOf = new Map(Object.values(arrows).map(({ name, allowed }) => [name, allowed]))
    const below = (name: string): string[] => (allowedOf.get(name) ?? []).flatMap((other) => [other, ...below(other)])
    for (const name of allPackages) expect(below(name)).not.toContain(name)
  })
})

describe('what a package declares', () => {
  test.each(Object.entries(arrows))('%s depends on what its arrows allow', async (path, { name, allowed }) => {
    const manifest = JSON.parse(await readFile(join(root, path, 'package.json'), 'utf8')) as {
      name: string
      version: string
      dependencies?: Record<string, string>
      peerDependencies?: Record<string, string>
    }
    expect(manifest.name).toBe(name)
    const needs = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
    const ours = needs.filter((other) => allPackages.includes(other))
    expect(ours.filter((other) => !allowed.includes(other))).toEqual([])
  })
})
