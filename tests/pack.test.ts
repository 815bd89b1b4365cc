import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { openServer } from '@sluice/server'
import { openSqliteInProcess } from '@sluice/storage'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { arrows } from '../arrows.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const minutes = 60_000

interface Packed {
  readonly name: string
  readonly filename: string
  readonly files: readonly { readonly path: string }[]
}

// Nothing of the repository's own set-up may reach what is tested: conditions, and paths to its modules.
const { NODE_OPTIONS: _, NODE_PATH: __, INIT_CWD: ___, ...clean } = process.env
const env = Object.fromEntries(Object.entries(clean).filter(([name]) => !name.startsWith('npm_')))

async function run(command: string, args: readonly string[], cwd: string): Promise<string> {
  try {
    return (await promisify(execFile)(command, args, { cwd, env, maxBuffer: 64 * 1024 * 1024 })).stdout
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }
    throw new Error(`${command} ${args.join(' ')}\n${stdout}${stderr}`, { cause: error })
  }
}

let place: string
let empty: string
let packed: readonly Packed[]

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'sluice-pack-'))
  empty = join(place, 'empty')
  await mkdir(empty)
  // The rest of the build was made before the tests (tests/build.ts).
  await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b', 'tsconfig.build.json'], root)
  const workspaces = Object.keys(arrows).flatMap((folder) => ['--workspace', folder])
  const pack = ['pack', '--json', '--pack-destination', place, ...workspaces]
  packed = JSON.parse(await run('npm', pack, root)) as Packed[]
  await writeFile(join(empty, 'package.json'), '{ "name": "empty", "private": true, "type": "module" }\n')
  const tarballs = packed.map(({ filename }) => join(place, filename))
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', ...tarballs], empty)
}, 10 * minutes)

afterAll(() => rm(place, { recursive: true, force: true }))

describe.each(Object.entries(arrows))('%s as published', (folder, { name }) => {
  test('is what resolvers expect', { timeout: minutes }, async () => {
    const { messages, pkg } = await publint({ pkgDir: join(root, folder), strict: true })
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([])
  })

  test('has its licence, its source and its build, and nothing of its tests', () => {
    const paths = packed.find((each) => each.name === name)!.files.map(({ path }) => path)
    expect(paths).toEqual(
      expect.arrayContaining(['LICENSE', 'README.md', 'src/index.ts', 'dist/index.js', 'dist/index.d.ts']),
    )
    expect(paths.filter((path) => /\.test\.|\.test-d\.|fixtures\/|tsbuildinfo/.test(path))).toEqual([])
  })
})

describe('installed in an empty folder', () => {
  test('every package is the one that was packed', async () => {
    const lock = JSON.parse(await readFile(join(empty, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { resolved?: string }>
    }
    for (const { name } of Object.values(arrows)) {
      const places = Object.keys(lock.packages).filter((path) => path.endsWith(`node_modules/${name}`))
      expect(places).toEqual([`node_modules/${name}`])
      expect(lock.packages[places[0]!]?.resolved).toMatch(/^file:/)
    }
  })

  test.each([
    ['sluice', ['asset', 'flow', 'task']],
    ['sluice/testing', ['materialize', 'runFlow']],
    ['@sluice/duckdb', ['duckdb']],
    ['@sluice/s3', ['s3']],
  ])('%s is imported from its build', async (door, names) => {
    const code = `console.log(import.meta.resolve('${door}'), Object.keys(await import('${door}')).join())`
    const [url, exported] = (await run(process.execPath, ['--input-type=module', '-e', code], empty)).trim().split(' ')
    expect(url).toMatch(/\/node_modules\/.*\/dist\/.*\.js$/)
    expect(exported?.split(',')).toEqual(expect.arrayContaining(names))
  })

  test('@sluice/api/client speaks with a server on the Node that npm runs on, which may be 20', async () => {
    const store = await openSqliteInProcess(':memory:')
    const server = await openServer({ store, port: 0, version: '0.1.0', say: () => {} })
    const program = `
      import { createClient, pages } from '@sluice/api/client'
      const client = createClient({ url: '${server.url}' })
      for await (const { runs } of pages(client.runs.list, {})) console.log(process.version, runs.length)
      await client.ref('sync').enqueue().catch(({ code }) => console.log(code))
    `
    const node = process.env['npm_node_execpath'] ?? process.execPath
    const printed = await run(node, ['--input-type=module', '-e', program], empty)
    expect(printed).toMatch(/^v(?:2\d|[3-9]\d)\.\d+\.\d+ 0\nNOT_FOUND\n$/)
    await server.close()
    await store.close()
  })

  test('a pipeline is type-checked by the published types, and runs', { timeout: 2 * minutes }, async () => {
    const pipeline = `
      import { flow, task } from 'sluice'

      const double = task('double', async (n: number) => n * 2)

      export const sum = flow('sum', async () => {
        const doubled: number[] = await double.map([1, 2, 3])
        return doubled.reduce((a, b) => a + b, 0)
      })
    `
    await writeFile(join(empty, 'pipeline.ts'), pipeline)
    await writeFile(join(empty, 'start.ts'), `import { sum } from './pipeline.ts'\nconsole.log('sum', await sum())\n`)
    const compilerOptions = { module: 'nodenext', target: 'esnext', strict: true, noEmit: true, types: [] }
    await writeFile(join(empty, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['pipeline.ts'] }))
    // The rest of the build was made before the tests (tests/build.ts).
    await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', empty], empty)
    expect(await run(process.execPath, ['start.ts'], empty)).toContain('sum 12')
    expect(await run('npx', ['sluice', 'run', 'pipeline.ts', '--json'], empty)).toContain('12')
  })

  test.each([
    ['an empty folder', '{ "name": "fresh", "private": true, "type": "module" }\n'],
    ['a CommonJS package', '{ "name": "old", "private": true }\n'],
  ])('init in %s makes what type-checks and runs', { timeout: 3 * minutes }, async (what, manifest) => {
    const folder = join(place, what.replaceAll(' ', '-'))
    await mkdir(folder)
    await writeFile(join(folder, 'package.json'), manifest)
    await run(process.execPath, [join(empty, 'node_modules/sluice/bin/sluice.js'), 'init', '.', '--yes'], folder)
    // From the tarballs: what it names is on no registry before a release.
    const tarballs = packed.map(({ filename }) => join(place, filename))
    await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', ...tarballs], folder)
    await run('npx', ['tsc', '--noEmit', '-p', '.'], folder)
    expect(await run('npm', ['run', '--silent', 'pipeline', '--', '--json'], folder)).toContain('"state":"succeeded"')
  })
})
