import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readLog } from './log.ts'
import { checkout } from './program.ts'
import { integrity, readSnapshot } from './verify/snapshot.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-failures-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const script = (name: string): string => join(checkout, 'chaos/src/scripts', `${name}.ts`)
const env = (more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv => ({
  ...process.env,
  SLUICE_QUIET: '1',
  SLUICE_HOME: join(folder, 'home'),
  CHAOS_LOG: join(folder, 'log'),
  ...more,
})

interface Said {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

async function run(file: string, args: readonly string[], more?: Readonly<Record<string, string>>): Promise<Said> {
  try {
    return { code: 0, ...(await promisify(execFile)(file, args, { env: env(more), maxBuffer: 1 << 24 })) }
  } catch (error) {
    return error as Said
  }
}
const program = (name: string, more?: Readonly<Record<string, string>>): Promise<Said> =>
  run(process.execPath, ['--conditions=@sluice/source', script(name)], more)

describe('a disk that is full', () => {
  /** A small disk in memory, seen by these commands alone: full at first, with room the second time. */
  const onSmallDisk = (results: string): Promise<Said> => {
    const disk = join(folder, 'disk')
    mkdirSync(disk)
    const node = `"${process.execPath}" --conditions=@sluice/source "${script('fill')}"`
    const commands = [
      `mount -t tmpfs -o size=3m none "${disk}"`,
      `head -c 1000000 /dev/zero > "${disk}/other"`,
      `${node} && echo "exit 0" || echo "exit $?"`,
      `cp -r "${disk}/home" "${folder}/full"`,
      `mount -o remount,size=40m "${disk}"`,
      `${node} && echo "exit 0" || echo "exit $?"`,
      `cp -r "${disk}/home" "${folder}/home"`,
    ]
    const own = process.getuid!() === 0 ? '-m' : '-Urm'
    return run('unshare', [own, 'sh', '-ec', commands.join('\n')], {
      SLUICE_HOME: join(disk, 'home'),
      CHAOS_RESULTS: results,
    })
  }

  test.for(['in rows', 'large'])(
    'results %s: STORE_FULL, what was acknowledged is kept, and the run goes on when there is room',
    async (results) => {
      const { stdout, stderr } = await onSmallDisk(results)
      expect(`${stdout}${stderr}`).toMatch(/^begin\ncode STORE_FULL: .*\nexit 3\nbegin\nreturning\nexit 0\n$/)
      expect(integrity(join(folder, 'full'))).toEqual([])
      const kept = readSnapshot(join(folder, 'full'))
      const now = readSnapshot(join(folder, 'home'))
      expect(now).toMatchObject({ runs: 1, run: { state: 'succeeded', epoch: 2 } })
      expect(kept.steps.size).toBeGreaterThan(0)
      for (const [step, row] of kept.steps) if (row.seq !== null) expect(now.steps.get(step)).toEqual(row)
      const starts = readLog(join(folder, 'log')).filter(({ phase }) => phase === 'start')
      const again = starts.filter(({ step, epoch }) => epoch === 2 && kept.steps.get(step!)?.seq != null)
      expect(again).toEqual([])
    },
  )
})

describe('a store that cannot be used', () => {
  const code = async (): Promise<string | undefined> => /^code (\w+):/m.exec((await program('fill')).stdout)?.[1]
  const home = (): string => {
    mkdirSync(join(folder, 'home'), { recursive: true })
    return join(folder, 'home', 'sluice.db')
  }

  test('damaged: STORE_CORRUPT', async () => {
    writeFileSync(home(), 'no database at all '.repeat(1_000))
    expect(await code()).toBe('STORE_CORRUPT')
  })

  test('of a newer version: STORE_TOO_NEW, and nothing in it is changed', async () => {
    await program('map')
    const database = new DatabaseSync(home())
    database.exec('pragma user_version = 999')
    database.close()
    const before = readSnapshot(join(folder, 'home'))
    expect(await code()).toBe('STORE_TOO_NEW')
    expect(readSnapshot(join(folder, 'home'))).toEqual(before)
  })

  test('in a folder that is read-only: STORE_READ_ONLY', async () => {
    const own = process.getuid!() === 0 ? '-m' : '-Urm'
    const disk = join(folder, 'home')
    mkdirSync(disk)
    const commands = `mount -t tmpfs -o ro none "${disk}"\n"${process.execPath}" --conditions=@sluice/source "${script('fill')}"`
    const { stdout } = await run('unshare', [own, 'sh', '-c', commands])
    expect(stdout).toMatch(/^code STORE_READ_ONLY: /)
  })

  test('where a folder should be is a file: STORE_READ_ONLY', async () => {
    writeFileSync(join(folder, 'home'), '')
    expect(await code()).toBe('STORE_READ_ONLY')
  })
})

describe('values that are large', () => {
  test('a result of 100 MB is stored, and its caller gets it', async () => {
    const { stdout, stderr } = await program('large-result')
    expect(stderr).toBe('')
    expect(stdout).toBe(`${100 * 2 ** 20}\n`)
    const [row] = readSnapshot(join(folder, 'home')).steps.values()
    expect(row).toMatchObject({
      state: 'succeeded',
      result: null,
      result_ref: expect.stringContaining('"io":"files"') as string,
    })
  })

  test('an edge of more than 2 GB passes within 300 MB', { timeout: 120_000 }, async () => {
    const { stdout, stderr } = await program('large-edge', { CHAOS_ROWS: '140000' })
    expect(stderr).toBe('')
    const { steps, materializations } = readSnapshot(join(folder, 'home'))
    expect([...steps.values()].map(({ name, state }) => [name, state])).toEqual([
      ['up', 'succeeded'],
      ['down', 'succeeded'],
      ['down:all', 'succeeded'],
    ])
    const { bytes, rows } = JSON.parse(materializations.find(({ asset }) => asset === 'up')!.value_ref) as {
      bytes: number
      rows: number
    }
    expect(rows).toBe(140_000)
    expect(bytes).toBeGreaterThan(2 * 2 ** 30)
    const peak = Number(/peak (\d+)/.exec(stdout)?.[1]) // in KiB
    expect(peak).toBeGreaterThan(50_000)
    expect(peak).toBeLessThan(300 * 1_024)
  })
})
