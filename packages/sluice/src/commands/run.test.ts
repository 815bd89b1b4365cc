import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Ended, type RealProject, realProject, steady } from '../../fixtures/real-project.ts'

vi.setConfig({ testTimeout: 60_000 })
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
