import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ServedProject, servedProject } from '../../../fixtures/served-project.ts'

const secret = 'the-password-of-the-server'
const pipeline = `
import { env } from 'sluice'
import { readFileSync, readdirSync } from 'node:fs'
const region = env('REGION')
const level = env('LEVEL', 'low')
export const says = flow('says', async () => ({ region, level, names: Object.keys(process.env).toSorted() }))
export const ofJob = job('of-job', { target: says, env: { REGION: 'of the run' } })
// What any process of this user can read of any other one.
const wanted = Buffer.from('${Buffer.from(secret).toString('base64')}', 'base64').toString()
export const spies = flow('spies', async () =>
  readdirSync('/proc').filter((pid) => {
    try {
      return readFileSync('/proc/' + pid + '/environ', 'utf8').includes(wanted)
    } catch {
      return false
    }
  }).map((pid) => { try { return readFileSync('/proc/' + pid + '/cmdline', 'utf8') } catch { return '' } }))
const says2 = task('says', async (n: number) => {
  process.stdout.write('begins ' + n)
  await wait(n * 30)
  console.log(', ends ' + n)
  console.error('told ' + n)
})
export const prints = flow('prints', async () => {
  console.log('of the run')
  await says2.map([1, 2, 3])
})
const how = z.object({ how: z.enum(['well', 'timer', 'memory', 'badly']).default('well') })
export const ran = flow('ran', { params: how }, async ({ how }) => {
  notePid()
  if (how === 'timer') setInterval(() => {}, 1000)
  if (how === 'memory') Object.assign(globalThis, { kept: Buffer.alloc(400_000_000, 1) })
  if (how === 'badly') throw new Error('on purpose')
})
`

let project: ServedProject
beforeAll(async () => {
  // One at a time: which process executes a run is then known.
  project = await servedProject(pipeline, {
    slots: 1,
    env: { REGION: 'eu', SLUICE_TOKEN: secret, PASSWORD: secret },
    files: { '.env': 'FROM_FILE=yes\n' },
  })
})
afterAll(() => project.remove())

const result = async (target: string): Promise<unknown> => {
  const run = await project.ended(await project.launch(target))
  expect(run).toMatchObject({ state: 'succeeded' })
  return JSON.parse((run.result as { inline: string }).inline)
}

describe('the environment of user code', () => {
  test('is what every process needs, what the code declares, and the .env of the project', async () => {
    const { names, ...told } = (await result('says')) as { names: string[] }
    expect(told).toEqual({ region: 'eu', level: 'low' })
    const every = ['PATH', 'HOME', 'TZ', 'LANG', 'TMPDIR', 'TEMP', 'SystemRoot', 'SLUICE_ENV', 'NODE_CHANNEL_FD']
    expect(names.filter((name) => !every.includes(name))).toEqual(['FROM_FILE', 'REGION'])
  })

  test('of a run is over all others, and of no other run', async () => {
    expect(await result('of-job')).toMatchObject({ region: 'of the run' })
    expect(await result('says')).toMatchObject({ region: 'eu' })
  })

  test.runIf(process.platform === 'linux')('of the server and the worker cannot be read by it', async () => {
    expect(await result('spies')).toEqual([])
  })

  test('is read anew with the code', async () => {
    await writeFile(join(project.folder, '.env'), 'LEVEL=high\n')
    await expect.poll(() => result('says'), { timeout: 40_000 }).toMatchObject({ level: 'high' })
  })
})

test('what is printed belongs to the step that prints it', async () => {
  const run = await project.ended(await project.launch('prints'))
  const logs = async () => (await project.client.runs.logs({ run: run.id })).lines
  await expect.poll(async () => (await logs()).length).toBe(7)
  const { steps } = await project.client.runs.steps({ run: run.id })
  const argsOf = (step: number) => steps.find((one) => one.step === step)?.args ?? ''
  expect(
    (await logs())
      .map(({ step, level, message }) => `${argsOf(step)} ${level} ${message}`)
      .toSorted((a, b) => (a < b ? -1 : 1)),
  ).toEqual([
    ' stdout of the run',
    ...[1, 2, 3].flatMap((n) => [`[${n}] stderr told ${n}`, `[${n}] stdout begins ${n}, ends ${n}`]),
  ])
})

describe('a process', () => {
  const pidOf = async (how: string): Promise<number> => {
    const run = await project.ended(await project.launch('ran', { params: { how } }))
    expect(run.state).toBe(how === 'badly' ? 'failed' : 'succeeded')
    return project.pidOf(run)
  }
  const lives = (pid: number): boolean => {
    try {
      return process.kill(pid, 0)
    } catch {
      return false
    }
  }

  test('executes one run after another', async () => {
    const pids: number[] = []
    for (let n = 0; n < 14; n++) pids.push(await pidOf('well'))
    // On a busy machine another one may have been made ready meanwhile.
    expect(new Set(pids).size).toBeLessThan(8)
    expect(project.printed()).not.toContain('MaxListenersExceededWarning')
  })

  test.each(['timer', 'memory', 'badly'])('is not used again after it: %s', async (how) => {
    const pid = await pidOf(how)
    await expect.poll(() => lives(pid), { timeout: 60_000 }).toBe(false)
    for (let n = 0; n < 3; n++) expect(await pidOf('well')).not.toBe(pid)
  })
})
