import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Description } from './messages.ts'
import { type Child, type ChildOptions, startChild } from './supervisor.ts'

const fixtures = fileURLToPath(new URL('../fixtures', import.meta.url))
const started: Child[] = []
let root: string

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sluice-child-'))
})
afterEach(async () => {
  await Promise.all(started.splice(0).map((child) => child.kill()))
})
afterAll(async () => await rm(root, { recursive: true }))

function start(file: string, options: Partial<ChildOptions> = {}): Child {
  const child = startChild({ entries: [join(fixtures, file)], root, onOutput: () => {}, ...options })
  started.push(child)
  return child
}

interface Failure {
  readonly code: string
  readonly message: string
  readonly hint?: string
  readonly data: { readonly place?: string; readonly exitCode?: number; readonly signal?: string }
}
const failure = async (promise: Promise<unknown>): Promise<Failure> =>
  await promise.then(
    (value) => expect.fail(`it gave ${JSON.stringify(value)}`),
    (error: unknown) => error as Failure,
  )
const placeOf = ({ data }: Failure): string => relative(fixtures, data.place ?? 'nowhere')

/** Does this process still do anything? One that is dead and not yet reaped does not. */
function lives(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })
  return stdout.trim() !== '' && !stdout.startsWith('Z')
}

describe('loading', () => {
  test('gives the files and their version', async () => {
    const graph = await start('tasks.ts').loaded
    expect(graph).toMatchObject({
      files: [join(fixtures, 'tasks.ts')],
      codeVersion: expect.stringMatching(/^[0-9a-f]{32}$/),
    })
  })

  test('a file that throws keeps its cause and says where', async () => {
    const error = await failure(start('throws.ts').loaded)
    expect(error).toMatchObject({ code: 'LOAD_FAILED', cause: { name: 'TypeError', message: 'no route to db' } })
    expect(placeOf(error)).toBe('throws.ts:4:9')
  })

  test('a rejection in the background counts as one', async () => {
    const error = await failure(start('rejects.ts').loaded)
    expect(error).toMatchObject({ code: 'LOAD_FAILED', cause: { message: 'in the background' } })
    expect(placeOf(error)).toBe('rejects.ts:3:9')
  })

  test('a file that spins is killed, and the line is found', async () => {
    const child = start('loops.ts', { loadTimeout: 1000 })
    const error = await failure(child.loaded)
    expect(error.code).toBe('LOAD_TIMEOUT')
    expect(placeOf(error)).toMatch(/^loops\.ts:[67]:/)
    expect(await child.exited).toMatchObject({ signal: 'SIGKILL' })
  })

  test('a file that waits for ever is killed', async () => {
    const child = start('never-ends.ts', { loadTimeout: 1000 })
    const error = await failure(child.loaded)
    expect(error).toMatchObject({ code: 'LOAD_TIMEOUT', hint: expect.stringContaining('await') })
    expect(await child.exited).toMatchObject({ signal: 'SIGKILL' })
  })

  test('a file that launches what it defines is refused, awaited or not', async () => {
    const error = await failure(start('launches.ts').loaded)
    expect(error).toMatchObject({ code: 'CALLED_WHILE_LOADING', message: expect.stringContaining('Task "sync"') })
    expect(placeOf(error)).toBe('launches.ts:6:9')
  })

  test('a process that ends by itself', async () => {
    const child = start('exits.ts')
    expect(await failure(child.loaded)).toMatchObject({ code: 'CHILD_EXITED', data: { exitCode: 3 } })
    expect(await child.exited).toEqual({ code: 3, signal: null })
  })

  test('a file that is not there', async () => {
    expect(await failure(start('nowhere.ts').loaded)).toMatchObject({ code: 'LOAD_NOT_FOUND' })
  })
})

describe('a description', () => {
  test('a file that defines nothing', async () => {
    const error = await failure(start('empty.ts').ask({ request: 'describe', environment: 'dev', config: null }))
    expect(error).toMatchObject({ code: 'LOAD_EMPTY', message: expect.stringContaining('empty.ts') })
  })

  test('which variables are read without saying so, and where', async () => {
    const { env, undeclaredEnv } = (await start('env-reads.ts', { describing: true }).ask({
      request: 'describe',
      environment: 'dev',
      config: null,
    })) as Description
    expect(env).toEqual([{ name: 'FIXTURE_DECLARED', fallback: 'x', missing: false }])
    expect(undeclaredEnv.map(({ name, line }) => `${name}:${line}`).sort()).toEqual([
      'FIXTURE_A:5',
      'FIXTURE_B:5',
      'FIXTURE_COMPUTED:10',
      'FIXTURE_LATER:9',
      'FIXTURE_URL:4',
    ])
  })
})

describe('a working child', () => {
  const step = (task: string, ...args: unknown[]) =>
    ({ request: 'step', task, place: undefined, args: JSON.stringify(args) }) as const

  test('tells its logs, and its output goes where it should', async () => {
    const told: unknown[] = []
    const { promise: printed, resolve } = Promise.withResolvers<string>()
    const child = start('tasks.ts', { onMessage: (message) => told.push(message), onOutput: resolve })
    expect(await child.ask(step('noisy', 3))).toBe('3')
    expect(told).toMatchObject([{ message: 'log', line: { level: 'info', message: 'working', data: '{"n":3}' } }])
    expect(await printed).toBe('plain output\n')
  })

  test('is noticed when it blocks its event loop, once', async () => {
    const blocked: number[] = []
    const child = start('spinning.ts', { onBlocked: (ms) => blocked.push(ms) })
    await child.ask(step('blocks', 6000)) // long enough for a busy machine
    expect(blocked).toHaveLength(1)
    expect(blocked[0]).toBeGreaterThanOrEqual(1000)
  })

  test('is not taken for blocked while it waits', async () => {
    const blocked: number[] = []
    const child = start('spinning.ts', { onBlocked: (ms) => blocked.push(ms) })
    await child.ask(step('waits', 1500))
    expect(blocked).toEqual([])
  })

  test('that dies without an answer says how', async () => {
    const child = start('spinning.ts')
    expect(await failure(child.ask(step('exits')))).toMatchObject({ code: 'CHILD_EXITED', data: { exitCode: 7 } })
    expect(await failure(child.ask(step('exits')))).toMatchObject({ code: 'CHILD_EXITED' })
  })

  test('takes what it started with it', async () => {
    const child = start('grandchild.ts')
    const grandchild = Number(await child.ask(step('start sleeping')))
    expect(lives(grandchild)).toBe(true)
    await child.stop()
    await expect.poll(() => lives(grandchild), { timeout: 60_000 }).toBe(false)
  })

  test('takes with it even what ignores its signals', async () => {
    const child = start('grandchild.ts')
    const grandchild = Number(await child.ask(step('start ignoring')))
    await child.stop()
    await expect.poll(() => lives(grandchild), { timeout: 60_000 }).toBe(false)
  })
})
