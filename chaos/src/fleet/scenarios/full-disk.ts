import { cpSync, mkdtempSync, rmSync, statSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { makeFleet, until } from '../fleet.ts'
import type { FleetScenario } from '../scenario.ts'
import { launched, over, verified } from '../verify-fleet.ts'

/** The disk of the server's store is full in the middle of runs: nothing acknowledged is lost, and they go on when there is room. */
export const fullDisk: FleetScenario = {
  name: 'full-disk',
  says: 'the disk of the store is full for some seconds in the middle of runs',
  protection: {
    name: 'full-is-an-outage',
    guards: 'a step that could not be stored for want of room is not acknowledged',
    patches: [
      {
        file: 'engine/src/store/serve.ts',
        find: /const committed = await store\.commit\(group\.length === 1 \? group\[0\]!\.items : group\.flatMap\(\(\{ items \}\) => items\)\)/,
        put: `const items = group.flatMap(({ items }) => items)
      const committed = await store.commit(items).catch((error: unknown) => {
        if (items.every((item) => 'change' in item && item.change === 'step.record'))
          return items.map(() => ({ ok: true as const }))
        throw error
      })`,
      },
    ],
    finds: /nothing that was committed is lost|no committed step ran twice/,
  },
  async run({ options }) {
    const mount = mkdtempSync(join(tmpdir(), 'sluice-chaos-disk-'))
    const fleet = makeFleet({
      ...options,
      home: join(mount, 'store'),
      // A small disk in memory, which the server alone sees.
      wrap: (name, command) =>
        name.startsWith('server')
          ? [
              'unshare',
              process.getuid!() === 0 ? '-m' : '-Urm',
              'sh',
              '-c',
              `mount -t tmpfs -o size=16m none ${mount} && exec "$@"`,
              'sh',
              ...command,
            ]
          : command,
    })
    try {
      const server = await fleet.startServer()
      await fleet.startWorker()
      const disk = join(`/proc/${server.child.pid}/root`, mount)
      const runs = await launched(fleet, 'longParts', 3)
      await until('all runs go on', () =>
        runs.every((run) => fleet.log().some((line) => line.run === run && line.step > 3)),
      )
      const { bavail, bsize } = statfsSync(disk)
      const size = fill(join(disk, 'other'), bavail * bsize)
      await wait(4_000)
      rmSync(join(disk, 'other'))
      await over(fleet, runs)
      runs.push(...(await launched(fleet, 'parts', 3)))
      await over(fleet, runs)
      // Copied out to where the fleet looks: SQLite would follow the link out of the server's namespace.
      cpSync(join(disk, 'store'), join(mount, 'store'), { recursive: true })
      const full = /STORE_FULL|disk .*full|no space/i.test(server.printed() + fleet.workers[0]!.printed())
      return {
        verdicts: [
          ...(await verified(fleet, runs)),
          { what: 'people hear of it', breaches: full ? [] : ['nobody said that the disk is full'] },
        ],
        counted: `${runs.length} runs, the last ${Math.round(size / 1024)} KiB taken for 4 s`,
      }
    } finally {
      fleet.close()
      rmSync(mount, { recursive: true, force: true })
    }
  },
}

/** To the last byte that there is. Gives how many it took. */
function fill(path: string, about: number): number {
  for (let piece = about; piece >= 1;) {
    try {
      writeFileSync(path, Buffer.alloc(piece), { flag: 'a' })
    } catch {
      piece = Math.floor(piece / 2)
    }
  }
  return statSync(path).size
}
