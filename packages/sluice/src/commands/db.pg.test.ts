import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { aDatabase, server } from '@sluice/storage/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type RealProject, realProject } from '../../fixtures/real-project.ts'

const pipeline = `import { flow, task } from 'sluice'
const page = task('page', async (n: number) => n)
export const sync = flow('sync', async () => (await page(1)) + (await page(2)))
`

describe.runIf(server !== undefined)('a project whose store is in PostgreSQL', () => {
  let database: Awaited<ReturnType<typeof aDatabase>>
  let project: RealProject
  /** With a password, which the server does not ask for. */
  let secret: string
  const printed: string[] = []

  beforeEach(async () => {
    database = await aDatabase()
    const url = new URL(database.url)
    url.password = 'hushhush'
    secret = url.href
    project = await realProject()
    await project.write({ 'pipeline.ts': pipeline })
  })
  afterEach(async () => {
    await project.remove()
    await database.drop()
    if (printed.splice(0).join('\n').includes('hushhush')) throw new Error('The password was printed.')
  })

  const sluice = async (args: readonly string[], env: Record<string, string> = {}) => {
    const ended = await project.sluice(args, { env })
    printed.push(ended.stdout, ended.stderr)
    return ended
  }
  const configure = (store: string) =>
    project.write({
      'sluice.config.ts': `import { defineConfig } from 'sluice'
        export default defineConfig({ entry: './pipeline.ts', store: ${store} })`,
    })

  test('sluice.config.ts names it: commands and scripts use it, and look after it', async () => {
    await configure('process.env.DATABASE')
    await project.write({ 'script.ts': `import { sync } from './pipeline.ts'; console.log('gave', await sync())` })
    const env = { DATABASE: secret }
    expect((await sluice(['run', 'pipeline.ts', 'sync'], env)).exitCode).toBe(0)
    expect((await sluice(['run', 'sync'], env)).exitCode).toBe(0)
    // A script ends by itself, whatever connections it has.
    const script = await promisify(execFile)(process.execPath, ['script.ts'], {
      cwd: project.folder,
      env: { ...process.env, ...env },
    })
    expect(script.stdout).toContain('gave 3')
    expect((await database.sql.query('select from runs')).rowCount).toBe(3)
    expect(JSON.parse((await sluice(['runs', 'list', '--json'], env)).stdout)).toHaveLength(3)
    const doctor = await sluice(['doctor'], env)
    expect(doctor.stdout).toContain('is whole')
    expect(doctor.stdout).toContain('postgres://postgres@127.0.0.1')
    expect((await sluice(['db', 'check'], env)).exitCode).toBe(0)
    expect((await sluice(['db', 'migrate'], env)).exitCode).toBe(0)
    const backup = await sluice(['db', 'backup'], env)
    expect([backup.exitCode, backup.stderr]).toEqual([2, expect.stringContaining('pg_dump')])
    await database.sql.query(`update runs set ended_at = null`)
    const broken = await sluice(['db', 'check'], env)
    expect([broken.exitCode, broken.stdout]).toEqual([4, expect.stringContaining('run that is over without a time')])
  })

  test('a file moves to it, with all that ran', async () => {
    expect((await sluice(['run', 'pipeline.ts', 'sync'])).exitCode).toBe(0)
    const moved = await sluice(['db', 'migrate', '--to', secret])
    expect(moved.exitCode).toBe(0)
    expect(moved.stdout).toMatch(/steps +2/)
    const [run] = JSON.parse((await sluice(['runs', 'list', '--json'], { SLUICE_STORE: secret })).stdout) as object[]
    expect(run).toMatchObject({ name: 'sync', state: 'succeeded' })
    expect((await sluice(['run', 'pipeline.ts', 'sync'], { SLUICE_STORE: secret })).exitCode).toBe(0)
    expect((await sluice(['db', 'migrate', '--to', secret])).exitCode).not.toBe(0)
  })

  test('one that cannot be reached, or is none, is said without its secrets', async () => {
    const away = new URL(secret)
    away.port = '1'
    const unreachable = await sluice(['runs', 'list'], { SLUICE_STORE: away.href })
    expect(unreachable.exitCode).toBe(4)
    expect(unreachable.stderr).toContain('cannot be reached')
    const doctor = await sluice(['doctor'], { SLUICE_STORE: away.href })
    expect([doctor.exitCode, doctor.stdout]).toEqual([1, expect.stringContaining('cannot be reached')])
    await configure(`'mysql://me:hushhush@host/db'`)
    const refused = await sluice(['run', 'sync'])
    expect(refused.stderr).toContain('is no address of a PostgreSQL database')
    await configure(`(() => { throw new Error('no such luck') })()`)
    expect((await sluice(['runs', 'list'])).stderr).toContain('no such luck')
  })
})
