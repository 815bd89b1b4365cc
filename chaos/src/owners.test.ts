import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { copyWithout } from './copy-without.ts'
import { checkout, start } from './program.ts'
import { stopBetweenWrites } from './take-over.ts'
import { readSnapshot } from './verify/snapshot.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-owners-'))
  mkdirSync(join(folder, 'home'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A program is stopped in the middle; the same one is started beside it; what becomes of the first one's run. */
async function beside(root: string): Promise<{ epoch: number; runs: number; codes: (number | null)[] }> {
  const place = { root, home: join(folder, 'home'), cache: join(folder, 'cache') }
  const first = start(place, 'retries')
  await first.begun
  expect(await stopBetweenWrites(place.home, first.child)).toBe(true)
  const second = await start(place, 'retries').ended
  first.child.kill('SIGCONT')
  const { code } = await first.ended
  const { run, runs } = readSnapshot(place.home)
  return { epoch: run!.epoch, runs, codes: [code, second.code] }
}

test(
  'a process that is only stopped keeps its run: another one starts a run of its own',
  { timeout: 60_000 },
  async () => {
    expect(await beside(checkout)).toEqual({ epoch: 1, runs: 2, codes: [0, 0] })
  },
)

test('without the lock that says so, its run is taken from it', { timeout: 60_000 }, async () => {
  const root = copyWithout({
    name: 'owner-locks',
    guards: 'a process that is stopped keeps its run',
    patches: [
      {
        file: 'storage/src/owners/owner-lock.ts',
        find: /const path = lockPath\(home, id\)\n\s+if \(!existsSync\(path\)\) return false/,
        put: 'return false\n$&',
      },
    ],
    plans: [],
  })
  const { epoch, runs, codes } = await beside(root)
  rmSync(root, { recursive: true, force: true })
  expect({ epoch, runs }).toEqual({ epoch: 2, runs: 1 })
  expect(codes).toEqual([1, 0])
})
