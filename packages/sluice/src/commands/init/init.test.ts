import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type RealProject, realProject } from '../../../fixtures/real-project.ts'
import type { Manifest } from './manifest.ts'

let project: RealProject
beforeEach(async () => void (project = await realProject()))
afterEach(() => project.remove())

const manifestIn = async (folder: string): Promise<Manifest> =>
  JSON.parse(await readFile(join(project.folder, folder, 'package.json'), 'utf8')) as Manifest

test('makes a project that works, with its own Node', async () => {
  expect((await project.sluice(['init', 'new'])).exitCode).toBe(0)
  const root = JSON.parse(await readFile(new URL('../../../../../package.json', import.meta.url), 'utf8')) as Manifest
  expect(await manifestIn('new')).toMatchObject({
    name: 'new',
    type: 'module',
    optionalDependencies: root.optionalDependencies,
  })
  const ran = await project.sluice(['run', 'new/pipeline.ts', 'report', '--json'])
  expect(JSON.parse(ran.stdout.trim().split('\n').at(-1)!)).toMatchObject({
    state: 'succeeded',
    result: { measured: 3 },
  })
  const made = await project.sluice(['materialize', 'readings+', 'new/pipeline.ts', '--partition', '2026-01-01'])
  expect({ exitCode: made.exitCode, stderr: made.stderr }).toMatchObject({
    exitCode: 0,
    stderr: expect.stringContaining('24 rows'),
  })
})

test('adds to a CommonJS package, and leaves what is there', async () => {
  await project.write({
    'package.json':
      '{\n    "name": "old",\n    "scripts": { "pipeline": "mine" },\n    "dependencies": { "zod": "^4.0.0" }\n}\n',
  })
  expect((await project.sluice(['init', '.', '--yes'])).exitCode).toBe(0)
  const manifest = await manifestIn('.')
  expect(manifest).toMatchObject({
    name: 'old',
    scripts: { pipeline: 'mine' },
    dependencies: { zod: '^4.0.0', sluice: expect.any(String) },
  })
  expect(manifest.type).toBe(undefined)
  expect(await readFile(join(project.folder, 'package.json'), 'utf8')).toMatch(/^\{\n {4}"name"/)
  expect((await project.sluice(['run', 'report'])).exitCode).toBe(0)
  const again = await project.sluice(['init', '.'])
  expect(again.exitCode).toBe(2)
  expect(again.stderr).toContain('pipeline.mts exists already; nothing was written')
})

test('in a monorepo says where it has to be listed', async () => {
  await project.write({ 'package.json': '{ "private": true, "workspaces": ["packages/*"] }\n' })
  expect((await project.sluice(['init', 'packages/etl'])).stdout).not.toContain('does not list it')
  expect((await project.sluice(['init', 'tools/etl'])).stdout).toContain('add "tools/etl" to "workspaces"')
})
