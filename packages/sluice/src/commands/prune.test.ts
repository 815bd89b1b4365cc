import { afterEach, beforeEach, expect, test } from 'vitest'
import { type RealProject, realProject } from '../../fixtures/real-project.ts'

let project: RealProject
beforeEach(async () => {
  project = await realProject()
  await project.write({
    'pipeline.ts': `import { asset } from 'sluice'
      export const made = asset('made', () => 1)`,
  })
})
afterEach(() => project.remove())

const said = async (...args: string[]): Promise<string> => {
  const { exitCode, stdout, stderr } = await project.sluice(args)
  expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' })
  return stdout
}
const runs = async (): Promise<number> => (JSON.parse(await said('runs', 'list', '--json')) as unknown[]).length

test('db prune deletes old runs, after a look at what would go; what is current stays', async () => {
  for (const _ of [1, 2]) await said('materialize', 'made', 'pipeline.ts')
  expect(await said('db', 'prune', '--runs', '30d')).toBe('Nothing is so old.\n')
  expect(await said('db', 'prune', '--runs', '1ms', '--dry-run')).toBe(
    'Would delete 2 runs, 1 record of an asset.\n  next  sluice db prune --runs 1ms\n',
  )
  expect(await runs()).toBe(2)
  expect(await said('db', 'prune', '--runs', '1ms')).toBe('✓ Deleted 2 runs, 1 record of an asset.\n')
  expect(await runs()).toBe(0)
  expect(await said('assets', 'value', 'made', 'pipeline.ts')).toContain('1')
  expect(await said('db', 'check')).toContain('is whole')
})

test('without a duration it goes by the configuration; without one it says what to do', async () => {
  await said('materialize', 'made', 'pipeline.ts')
  const nothing = await project.sluice(['db', 'prune'])
  expect([nothing.exitCode, nothing.stderr]).toEqual([2, expect.stringContaining('--runs 30d')])
  await project.write({
    'sluice.config.ts': `import { defineConfig } from 'sluice'
      export default defineConfig({ entry: './pipeline.ts', retention: { runs: '1ms', events: '1ms', unread: '1ms' } })`,
  })
  expect(JSON.parse(await said('db', 'prune', '--json'))).toMatchObject({ dryRun: false, deleted: { runs: 1 } })
  expect(await runs()).toBe(0)
})
