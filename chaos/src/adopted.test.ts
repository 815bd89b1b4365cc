import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readLog } from './log.ts'
import { checkout } from './program.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-adopted-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

function sluice(args: readonly string[], crashAt = ''): Promise<Ended> {
  const env = {
    ...process.env,
    SLUICE_HOME: join(folder, 'home'),
    CHAOS_LOG: join(folder, 'log'),
    CHAOS_MENDED: join(folder, 'mended'),
    ...(crashAt && { SLUICE_CRASH_AT: crashAt }),
  }
  const main = join(checkout, 'packages/sluice/src/main.ts')
  return new Promise((resolve) => {
    const child = execFile(process.execPath, ['--conditions=@sluice/source', main, ...args], {
      env,
      cwd: join(checkout, 'chaos'),
    })
    child.on('exit', (code, signal) => resolve({ code, signal }))
  })
}

const bodies = (): string[] =>
  readLog(join(folder, 'log'))
    .filter(({ phase }) => phase === 'start')
    .map(({ name }) => name!)

function runs(): { id: string; state: string }[] {
  const database = new DatabaseSync(join(folder, 'home', 'sluice.db'), { readOnly: true })
  const rows = database.prepare('select id, state from runs order by id').all() as { id: string; state: string }[]
  database.close()
  return rows
}

test(
  'a retry that dies while it takes over the successes of another run takes all or nothing',
  { timeout: 120_000 },
  async () => {
    expect(await sluice(['run', 'src/scripts/fragile.ts'])).toMatchObject({ code: 1 })
    expect(bodies().toSorted()).toEqual(['bad', 'good 1', 'good 2', 'good 3'])
    writeFileSync(join(folder, 'mended'), '')
    const [failed] = runs()
    for (let nth = 0; nth < 3; nth++) {
      expect(await sluice(['runs', 'retry', failed!.id], 'run-adopted:1')).toEqual({ code: null, signal: 'SIGKILL' })
      expect(runs()).toEqual([failed]) // made, claimed and given its successes by one commit, or not at all
    }
    // Its process dies as soon as it has the run: what was taken over is there when it goes on.
    await sluice(['runs', 'retry', failed!.id], 'journal-loaded:1')
    expect(runs()).toMatchObject([{ state: 'failed' }, { state: 'crashed' }])
    expect(await sluice(['runs', 'resume', 'latest'])).toMatchObject({ code: 0 })
    expect(bodies().toSorted()).toEqual(['bad', 'bad', 'good 1', 'good 2', 'good 3'])
    expect(runs()).toMatchObject([{ state: 'failed' }, { state: 'succeeded' }])
  },
)
