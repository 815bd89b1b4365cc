import { execFile } from 'node:child_process'
import { readFile, readdir, rm, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Ended, type RealProject, realProject, steady } from '../../fixtures/real-project.ts'

let project: RealProject

beforeEach(
  async () => void (project = await realProject(fileURLToPath(new URL('../../fixtures/pipeline', import.meta.url)))),
)
afterEach(() => project.remove())

const executed = async (): Promise<string[]> =>
  (await readFile(join(project.folder, 'executed'), 'utf8')).trim().split('\n')
const shown = ({ stderr }: Ended): string => steady(stderr, project.folder)
const objects = ({ stdout }: Ended): Record<string, never>[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, never>)

describe('sluice run', () => {
  test('runs a flow with its params, and keeps what the code prints apart', async () => {
    const ended = await project.sluice(['run', 'pipeline.ts', 'greet', '--param', 'name=7', '--param', 'times=2'])
    expect({ exitCode: ended.exitCode, stdout: ended.stdout }).toEqual({ exitCode: 0, stdout: 'printed by the code\n' })
    expect(shown(ended)).toMatchInlineSnapshot(`
      "Run <run> · greet 7
      info  noting text="7 0"
      info  noting text="7 1"
      ✓ note ("7 0")  <time>
      ✓ note ("7 1")  <time>

      ✓ greet 7 succeeded in <time>  steps: 2 succeeded
        result  { lengths: [ 3, 3 ] }
        next    sluice runs show <run>  everything that happened
      "
    `)
    expect((await executed()).toSorted()).toEqual(['7 0', '7 1'])
  })

  test('knows the jobs of the configuration, with their defaults', async () => {
    expect((await project.sluice(['run', 'greet-ann', '--params', '{"times": 1}'])).exitCode).toBe(0)
    expect(await executed()).toEqual(['ann 0'])
    expect(shown(await project.sluice(['run', 'many-orders', '--partition', '2026-01-01']))).toContain('7 rows')
    expect(shown(await project.sluice(['materialize', 'shop/orders', '--partition', '2026-01-01']))).toContain('3 rows')
  })

  test('tells a script what happens as JSON, and at last how it ended', async () => {
    const lines = objects(await project.sluice(['run', 'pipeline.ts', 'greet', '--json']))
    expect(lines[0]).toMatchObject({ type: 'run.started', run: { name: 'greet', title: 'greet you' } })
    expect(lines.filter(({ type }) => type === 'step').at(-1)).toMatchObject({
      step: { name: 'note', state: 'succeeded' },
    })
    expect(lines.filter(({ type }) => type === 'log')).toMatchObject([
      { level: 'info', message: 'noting', data: { text: 'you 0' } },
    ])
    expect(lines.at(-1)).toMatchObject({ type: 'run.ended', state: 'succeeded', result: { lengths: [5] }, error: null })
  })

  test('refuses wrong params before there is a run', async () => {
    const ended = await project.sluice(['run', 'pipeline.ts', 'greet', '--param', 'times=often', '--json'])
    expect(ended.exitCode).toBe(2)
    expect(objects(ended).at(-1)).toMatchObject({ type: 'error', error: { code: 'PARAMS_INVALID' } })
    expect((await project.sluice(['runs', 'list', '--json'])).stdout).toBe('[]\n')
  })
})

describe('a run that is killed', () => {
  test('is recorded with how and where, and goes on when it is resumed', async () => {
    await project.write({ die: '' })
    const first = await project.sluice(['run', 'pipeline.ts', 'fragile'])
    expect(first.exitCode).toBe(1)
    expect(shown(first)).toContain('its process was ended by SIGKILL')
    expect(shown(first)).toContain('sluice runs resume <run>')

    await rm(join(project.folder, 'die'))
    const second = await project.sluice(['runs', 'resume'])
    expect(second.exitCode).toBe(0)
    expect(await executed()).toEqual(['before', 'after'])
    const again = await project.sluice(['runs', 'resume'])
    expect(again.exitCode).toBe(2)
    expect(again.stderr).toContain('RUN_NOT_RESUMABLE')
  })

  test('with its supervisor is found by whoever looks next', async () => {
    const first = await project.sluice(['run', 'pipeline.ts', 'patient'], {
      onText: (text, kill) => text.includes('noting') && kill('SIGKILL'),
    })
    expect(first.exitCode).toBe(null)
    expect(JSON.parse((await project.sluice(['runs', 'list', '--json'])).stdout)).toMatchObject([
      { name: 'patient', state: 'crashed' },
    ])
    expect((await project.sluice(['runs', 'cancel', 'latest'])).exitCode).toBe(0)
    expect(JSON.parse((await project.sluice(['runs', 'list', '--json'])).stdout)).toMatchObject([{ state: 'canceled' }])
  })
})

test('a failed run is tried again without what succeeded', async () => {
  await project.write({ fail: '' })
  const first = await project.sluice(['run', 'pipeline.ts', 'fragile'])
  expect(first.exitCode).toBe(1)
  expect(shown(first)).toMatch(/✗ TypeError there is a file called fail\n {2}at pipeline.ts:22:\d+\n/)
  await rm(join(project.folder, 'fail'))
  expect((await project.sluice(['runs', 'retry'])).exitCode).toBe(0)
  expect(await executed()).toEqual(['before', 'after'])
  const [second, before] = JSON.parse((await project.sluice(['runs', 'list', '--json'])).stdout) as {
    id: string
    retryOf: string | null
  }[]
  expect(second!.retryOf).toBe(before!.id)
})

test('a run is tried again with other params', async () => {
  await project.sluice(['run', 'pipeline.ts', 'greet', '--param', 'times=1'])
  const wrong = await project.sluice(['runs', 'retry', '--params', '{"times": "often"}', '--json'])
  expect(objects(wrong).at(-1)).toMatchObject({ type: 'error', error: { code: 'PARAMS_INVALID' } })
  expect((await project.sluice(['runs', 'retry', '--params', '{"times": 2}'])).exitCode).toBe(0)
  // The first call has the same arguments.
  expect(await executed()).toEqual(['you 0', 'you 1'])
  const [again, before] = JSON.parse((await project.sluice(['runs', 'list', '--json'])).stdout) as { id: string }[]
  expect(again).toMatchObject({ state: 'succeeded', params: '{"times":2}', retryOf: before!.id })
})

describe('Ctrl-C', () => {
  test('cancels', async () => {
    const ended = await project.sluice(['run', 'pipeline.ts', 'patient'], {
      onText: once('noting', (kill) => kill('SIGINT')),
    })
    expect(ended.exitCode).toBe(130)
    expect(JSON.parse((await project.sluice(['runs', 'show', '--json'])).stdout)).toMatchObject({
      run: { state: 'canceled' },
    })
  })

  test('twice ends at once what does not listen', async () => {
    let kills = 0
    const ended = await project.sluice(['run', 'pipeline.ts', 'stubborn'], {
      onText: (text, kill) => {
        if (kills === 0 && text.includes('noting')) kill((kills++, 'SIGINT'))
        else if (kills === 1 && text.includes('Ctrl-C again')) kill((kills++, 'SIGINT'))
      },
    })
    expect(ended.exitCode).toBe(130)
    expect(JSON.parse((await project.sluice(['runs', 'show', '--json'])).stdout)).toMatchObject({
      run: { state: 'canceled' },
    })
  })
})

test('a run in another process is canceled from here', async () => {
  let canceled: Promise<Ended> | undefined
  const ended = await project.sluice(['run', 'pipeline.ts', 'patient'], {
    onText: once('noting', () => {
      canceled = project.sluice(['runs', 'cancel'])
    }),
  })
  expect(ended.exitCode).toBe(130)
  expect((await canceled)?.exitCode).toBe(0)
})

/** Acts on the first text that contains this. */
function once(
  wanted: string,
  act: (kill: (signal: NodeJS.Signals) => void) => void,
): (text: string, kill: (signal: NodeJS.Signals) => void) => void {
  let isDone = false
  return (text, kill) => {
    if (isDone || !text.includes(wanted)) return
    isDone = true
    act(kill)
  }
}

describe('what people are told', () => {
  test('failures that are alike are one failure, with how many and which', async () => {
    await project.write({
      'many.ts': `
import { asset, oneOf } from 'sluice'
export const sales = asset('sales', { partitions: oneOf(['a', 'b', 'c', 'd', 'e']) }, (_, { partition }) => {
  if (partition.key === 'e') throw new Error('another thing')
  throw new Error('no connection to port ' + partition.key.charCodeAt(0))
})
`,
    })
    const ended = await project.sluice(['materialize', 'sales', 'many.ts', '--partition', 'all'])
    expect(ended.exitCode).toBe(1)
    const [, end] = shown(ended).split('\n\n')
    expect(end).toContain('no connection to port')
    expect(shown(ended)).toContain('the same 4 times: a, b, c, …')
    expect(shown(ended).match(/✗ Error no connection/g)).toHaveLength(1)
    expect(shown(ended)).toContain('✗ Error another thing')
  })

  test('a step that does not look at its signal is named after Ctrl-C, and a second one stops it', async () => {
    await project.write({
      'stubborn.ts': `
import { flow, task } from 'sluice'
const wait = task('wait', async () => {
  for (;;) await new Promise((resolve) => setTimeout(resolve, 100))
})
export const stay = flow('stay', () => wait())
`,
    })
    let signals = 0
    const ended = await project.sluice(['run', 'stubborn.ts'], {
      onText(text, kill) {
        if (signals === 0 && text.includes('Run r')) {
          signals += 1
          setTimeout(() => kill('SIGINT'), 500)
        }
        if (signals === 1 && text.includes('Still waiting for wait')) {
          signals += 1
          kill('SIGINT')
        }
      },
    })
    expect(signals).toBe(2)
    expect(ended.exitCode).not.toBe(0)
  })

  test('a command line that is not understood: what, what was typed, what to type next', async () => {
    const wrong = await project.sluice(['run', 'pipeline.ts', '--hurry'])
    expect({ exitCode: wrong.exitCode, text: wrong.stderr }).toEqual({
      exitCode: 2,
      text: "✗ USAGE Unknown option '--hurry'.\n  in sluice run pipeline.ts --hurry\n  next  sluice run --help\n",
    })
    expect((await project.sluice(['rnu'])).stderr).toContain("✗ USAGE Unknown command 'rnu'.")
  })

  test('a run of another project is shown with where its commands work', async () => {
    await project.write({
      'sub/sluice.config.ts': "export default { entry: './one.ts' }\n",
      'sub/one.ts': "import { flow } from 'sluice'\nexport const one = flow('one', async () => 1)\n",
    })
    const ended = await project.sluice(['run', 'sub/one.ts'])
    expect(shown(ended)).toContain('cd <project>/sub && sluice runs show <run>')
  })

  test('--watch runs again when a file was saved, until Ctrl-C', async () => {
    const text = (n: number) => `import { flow } from 'sluice'\nexport const one = flow('one', async () => ${n})\n`
    await project.write({ 'one.ts': text(1) })
    let saved = false
    const ended = await project.sluice(['run', 'one.ts', '--watch'], {
      onText(printed, kill) {
        const times = printed.match(/Watching /g)?.length ?? 0
        if (times === 1 && !saved) {
          saved = true
          setTimeout(() => void project.write({ 'one.ts': text(2) }), 300)
        }
        if (times === 2) setTimeout(() => kill('SIGINT'), 200)
      },
    })
    expect([ended.exitCode, shown(ended)]).toEqual([
      0,
      expect.stringMatching(/result {2}1[\s\S]*one\.ts changed[\s\S]*result {2}2/),
    ])
  })

  test('--inspect lets a debugger attach to the process that runs the code', async () => {
    await project.write({
      'where.ts':
        "import { url } from 'node:inspector'\nimport { flow } from 'sluice'\nexport const where = flow('where', async () => url() ?? 'nowhere')\n",
    })
    const ended = await project.sluice(['run', 'where.ts', '--inspect=127.0.0.1:0'])
    expect(ended.stderr).toContain('Debugger listening on ws://127.0.0.1:')
    expect(ended.stderr).toMatch(/result {2}ws:\/\/127\.0\.0\.1:\d+/)
  })

  test('a home that cannot be made is refused', async () => {
    const refused = await project.sluice(['run', 'pipeline.ts', 'greet'], { env: { SLUICE_HOME: '/proc/self/none' } })
    expect([refused.exitCode, refused.stderr]).toEqual([4, expect.stringContaining('STORE_READ_ONLY')])
  })

  test('a resource without its configuration leaves no run behind', async () => {
    await project.write({
      'db.ts': `
import { asset, resource } from 'sluice'
import { z } from 'zod'
const db = resource('db', { config: z.object({ url: z.string() }), open: ({ url }) => url })
export const sales = asset('sales', { resources: { db } }, () => 1)
`,
    })
    expect((await project.sluice(['run', 'db.ts'])).stderr).toContain('RESOURCE_MISSING')
    expect((await project.sluice(['runs', 'list', '--json'])).stdout).toBe('[]\n')
  })

  test('a script that fails is shown where it failed, and nothing of ours', async () => {
    await project.write({
      'script.ts': `
import { flow } from 'sluice'
const sync = flow('sync {pages}', { runName: 'sync' }, async () => { throw new Error('mine') })
await sync()
`,
    })
    const printed = await script()
    expect(printed).toContain('Error: mine')
    expect(printed).toContain('script.ts:3')
    expect(printed).not.toContain('values/errors.ts')
  })

  test('a script by itself deletes values that are too old, once a day', async () => {
    await project.write({
      'sluice.config.ts': `import { defineConfig } from 'sluice'; export default defineConfig({ keepValues: '1ms' })`,
      'script.ts': `
import { flow, task } from 'sluice'
const large = task('large', (n: number) => 'x'.repeat(20_000) + n)
await flow('sync', async () => void (await large(Date.now())))()
`,
    })
    const values = join(project.folder, '.sluice/values')
    const kept = (): Promise<string[]> => readdir(join(values, 'steps/large'))
    await script()
    const [first] = await kept()
    const daysAgo = new Date(Date.now() - 2 * 86_400_000)
    await utimes(join(values, 'collected'), daysAgo, daysAgo)
    await script()
    expect(await kept()).not.toContain(first)
  })

  const script = (): Promise<string> =>
    new Promise((resolve) => {
      execFile(process.execPath, ['script.ts'], { cwd: project.folder }, (_, __, text) => resolve(text))
    })
})
