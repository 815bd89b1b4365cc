import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { decode, encode } from '@sluice/core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type IsolatedCall, type IsolatedSteps, isolatedSteps } from './isolate.ts'

const fixtures = fileURLToPath(new URL('../fixtures', import.meta.url))
const entry = join(fixtures, 'spinning.ts')
const pools: IsolatedSteps[] = []
let root: string

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sluice-isolate-'))
})
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()))
})
afterAll(async () => await rm(root, { recursive: true }))

function open(size: number): IsolatedSteps {
  const pool = isolatedSteps({ entries: [entry], root, size, onOutput: () => {} })
  pools.push(pool)
  return pool
}
const call = (task: string, ...args: unknown[]): IsolatedCall => ({ task, place: undefined, args: encode(args) })

interface Spin {
  readonly pid: number
  readonly from: number
  readonly to: number
}
const spins = async (pool: IsolatedSteps, count: number, ms: number): Promise<Spin[]> =>
  await Promise.all(Array.from({ length: count }, async () => decode(await pool.run(call('spin for', ms))) as Spin))
const overlap = (a: Spin, b: Spin): boolean => a.from < b.to && b.from < a.to
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('steps in processes of their own', () => {
  test('that spin run at once, each in its own, while this one goes on', async () => {
    const [a, b] = (await spins(open(2), 2, 1500)) as [Spin, Spin]
    expect(a.pid).not.toBe(b.pid)
    expect([a.pid, b.pid]).not.toContain(process.pid)
    expect(overlap(a, b)).toBe(true)
  })

  test('are no more at once than the pool has processes, which are used again', async () => {
    const all = await spins(open(2), 5, 100)
    expect(new Set(all.map(({ pid }) => pid)).size).toBe(2)
    for (const one of all)
      expect(all.filter((other) => other !== one && other.pid === one.pid && overlap(one, other))).toEqual([])
  })

  test('carry every storable value both ways', async () => {
    const args = [
      1n,
      new Date(5),
      new Map([['a', new Set([1])]]),
      undefined,
      { $: 'x' },
      Temporal.PlainDate.from('2026-01-02'),
    ]
    const result = decode(await open(1).run(call('echo', ...args)))
    expect(encode(result)).toBe(encode(args))
  })

  test('are found though their file does not export them', async () => {
    expect(decode(await open(1).run(call('hidden')))).toBe('found')
  })

  test('fail with what they threw, and the process goes on', async () => {
    const pool = open(1)
    await expect(pool.run(call('fails'))).rejects.toMatchObject({
      name: 'RangeError',
      code: 'TOO_FAR',
      message: 'too far',
      at: 3,
    })
    await expect(pool.run(call('calls'))).rejects.toMatchObject({
      code: 'ISOLATED_CALL',
      message: expect.stringContaining('"blocks"'),
    })
    await expect(pool.run(call('gives'))).rejects.toMatchObject({ code: 'RESULT_NOT_STORABLE' })
    await expect(pool.run(call('unknown'))).rejects.toMatchObject({ code: 'TARGET_UNKNOWN' })
    expect(decode(await pool.run(call('echo', 1)))).toEqual([1])
  })

  test('that end their process say so, and the next one gets another', async () => {
    const pool = open(1)
    await expect(pool.run(call('exits'))).rejects.toMatchObject({ code: 'CHILD_EXITED', data: { exitCode: 7 } })
    expect(decode(await pool.run(call('echo', 1)))).toEqual([1])
  })
})

test('a pool that nobody closes does not keep its process alive', async () => {
  const child = spawn(process.execPath, ['--conditions=@sluice/source', join(fixtures, 'idle-pool.ts'), root, entry])
  const [code] = (await once(child, 'exit')) as [number]
  expect(code).toBe(0)
})

describe('a step that spins for ever', () => {
  /** Starts it, and gives the process it spins in. */
  function spinning(pool: IsolatedSteps, more: Partial<IsolatedCall>): { done: Promise<string>; pid: Promise<number> } {
    const { promise: pid, resolve } = Promise.withResolvers<number>()
    const log = (_: string, __: string, data: string | null): void =>
      resolve((decode(data ?? '') as { pid: number }).pid)
    return { done: pool.run({ ...call('forever'), log, ...more }), pid }
  }

  test('is killed when its time is up', async () => {
    const { done, pid } = spinning(open(1), { timeout: 500 })
    await expect(done).rejects.toMatchObject({ code: 'STEP_TIMEOUT' })
    expect(isAlive(await pid)).toBe(false)
  })

  test('is killed when it is aborted, which leaves its place to the next', async () => {
    const pool = open(1)
    const controller = new AbortController()
    const { done, pid } = spinning(pool, { signal: controller.signal })
    const next = pool.run(call('echo', 2))
    const reason = new Error('canceled')
    const spinner = await pid
    controller.abort(reason)
    await expect(done).rejects.toBe(reason)
    expect(isAlive(spinner)).toBe(false)
    expect(decode(await next)).toEqual([2])
  })

  test('does not start when it is aborted while it waits for a place', async () => {
    const pool = open(1)
    const { done, pid } = spinning(pool, { timeout: 60_000 })
    const controller = new AbortController()
    const waiting = pool.run({ ...call('echo'), signal: controller.signal })
    controller.abort(new Error('not any more'))
    await expect(waiting).rejects.toThrow('not any more')
    expect(isAlive(await pid)).toBe(true)
    await pool.close()
    await expect(done).rejects.toMatchObject({ code: 'CHILD_EXITED' })
  })

  test('dies with the process that started it, even by SIGKILL', async () => {
    const parent: ChildProcess = spawn(process.execPath, [
      '--conditions=@sluice/source',
      join(fixtures, 'orphan.ts'),
      root,
      entry,
    ])
    const [line] = (await once(parent.stdout!, 'data')) as [Buffer]
    const { pid } = JSON.parse(line.toString()) as { pid: number }
    expect(isAlive(pid)).toBe(true)
    parent.kill('SIGKILL')
    await expect.poll(() => isAlive(pid), { timeout: 60_000 }).toBe(false)
  })
})
