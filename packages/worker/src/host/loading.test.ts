import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const fixtures = fileURLToPath(new URL('../../fixtures', import.meta.url))
const flags = [
  '--conditions=@sluice/source',
  '--disable-warning=ExperimentalWarning',
  '--disable-warning=MODULE_TYPELESS_PACKAGE_JSON',
]
const run = promisify(execFile)
let root: string

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sluice-load-'))
})
afterAll(async () => await rm(root, { recursive: true }))

interface Shown {
  readonly module: Record<string, unknown>
  readonly graph: { readonly files: readonly string[]; readonly codeVersion: string }
  readonly error: {
    readonly code: string
    readonly message: string
    readonly hint?: string
    readonly data: { readonly place?: string }
  }
}

/** In a real Node, as these hooks are Node's: the test runner has its own way to load TypeScript. */
async function load(file: string, project = root): Promise<Shown> {
  const { stdout, stderr } = await run(process.execPath, [
    ...flags,
    join(fixtures, 'show.ts'),
    project,
    join(fixtures, file),
  ])
  expect(stderr, 'nothing may be printed, warnings included').toBe('')
  return JSON.parse(stdout) as Shown
}

const place = async (file: string): Promise<string> => {
  const { data } = (await load(file)).error
  return relative(fixtures, data.place ?? 'nowhere')
}

// Set by the test runner where it collects coverage; what is tested here is the cache.
delete process.env['NODE_DISABLE_COMPILE_CACHE']

describe('what TypeScript resolves', () => {
  test('imports without extension, .js for .ts, and folders', async () => {
    expect((await load('extensionless/main.ts')).module).toEqual({ letters: 'abcd' })
  })

  test('paths and baseUrl of a tsconfig that extends another, and JSON without an attribute', async () => {
    expect((await load('paths/app/main.ts')).module).toEqual({ sum: 10 })
  })

  test('import and export in a package of type commonjs, which may require old files', async () => {
    const { module } = await load('commonjs/main.ts')
    expect(module).toEqual({ value: 40, isMain: false, lines: 8 })
  })

  test('import and export in a package without a type', async () => {
    expect((await load('typeless/main.ts')).module).toEqual({ value: 'TYPELESS' })
  })
})

describe('what type stripping refuses', () => {
  test('enums, namespaces and parameter properties', async () => {
    const { module } = await load('enums/main.ts')
    expect(module).toMatchObject({ level: 3, mode: 1, area: 4, point: 3, Color: { Red: 'red', Blue: 'blue' } })
  })

  test('keeps the lines of the source in stacks, from the cache as well', async () => {
    for (const _ of ['compiled', 'from the cache']) {
      const { module } = await load('enums/main.ts')
      expect(module['stack']).toContain(`${join(fixtures, 'enums/main.ts')}:18:`)
    }
  })

  test('JSX, as the tsconfig wants it', async () => {
    expect((await load('tsx/main.tsx')).module).toEqual({
      view: { name: 'p', props: { title: 'a' }, children: ['text'] },
    })
  })

  test('imports of types that do not say so', async () => {
    expect((await load('types-without-type/main.ts')).module).toEqual({ size: 9 })
  })

  test('is compiled once for each content; what Node takes is only remembered', async () => {
    const project = await mkdtemp(join(root, 'project-'))
    await load('enums/main.ts', project)
    const cache = join(project, '.sluice/cache')
    const entries = await readdir(join(cache, 'code'))
    await load('enums/main.ts', project)
    expect(entries).toHaveLength(2)
    expect(await readdir(join(cache, 'code'))).toEqual(entries)
    expect(await readdir(join(cache, 'compiled'))).not.toEqual([])
    expect(await readdir(join(project, '.sluice'))).toContain('.gitignore')
  })
})

describe('errors name the line of the user', () => {
  test.each([
    ['throws.ts', 'throws.ts:4:9', 'no route to db'],
    ['syntax.ts', 'syntax.ts:2', 'Expression expected'],
    ['missing/main.ts', 'missing/main.ts:3', 'Cannot find module'],
    ['missing/package-missing.ts', 'missing/package-missing.ts:1', "Cannot find package 'no-such-package-of-mine'"],
    ['named/main.ts', 'named/main.ts:1', "does not provide an export named 'one'"],
    ['decorators.ts', 'decorators.ts:3:1', 'unexpected token'],
    ['javascript-syntax.js', 'javascript-syntax.js:2:', 'Unexpected'],
  ])('%s', async (file, where, message) => {
    const { error } = await load(file)
    expect(error.code).toBe('LOAD_FAILED')
    expect(error.message).toContain(message)
    expect(await place(file)).toMatch(where)
  })

  test('a package that is not installed has the command', async () => {
    expect((await load('missing/package-missing.ts')).error.hint).toBe('npm install no-such-package-of-mine')
  })

  test('a file that is not there', async () => {
    expect((await load('nowhere.ts')).error).toMatchObject({ code: 'LOAD_NOT_FOUND' })
  })
})

describe('the module graph', () => {
  test("is the user's own files, neither packages nor Sluice", async () => {
    const { graph } = await load('tasks.ts')
    expect(graph.files).toEqual([join(fixtures, 'tasks.ts')])
  })

  test('has a version that follows content and lockfile, and not the time', async () => {
    const project = await mkdtemp(join(root, 'version-'))
    const file = join(project, 'a.mts')
    const version = async (): Promise<string> => (await load(relative(fixtures, file), project)).graph.codeVersion
    await writeFile(file, 'export const a = 1')
    const first = await version()
    await writeFile(file, 'export const a = 1')
    expect(await version()).toBe(first)
    await writeFile(join(project, 'package-lock.json'), '{}')
    const locked = await version()
    expect(locked).not.toBe(first)
    await writeFile(file, 'export const a = 2')
    expect(await version()).not.toBe(locked)
  })
})
