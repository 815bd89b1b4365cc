import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Fleet, makeFleet, patient, until } from '../fleet.ts'
import type { FleetScenario } from '../scenario.ts'
import { launched, over, verified } from '../verify-fleet.ts'

const bad = {
  exits: `process.exit(7)`,
  spins: `for (;;);`,
  throws: `throw new Error('on purpose')`,
  eats: `const kept = []; for (;;) kept.push(Buffer.alloc(20_000_000, 1))`,
} as const

/** Code that ends, throws or eats memory when it is loaded: its last good version stays, and others do not notice. */
export const badLocation: FleetScenario = {
  name: 'bad-location',
  says: 'newer code of one location exits, spins, throws and eats memory while it is loaded',
  protection: {
    name: 'last-good-stays',
    guards: 'code that cannot be loaded does not become the active one',
    patches: [
      {
        file: 'storage/src/locations/location-store.ts',
        find: /\.set\(\{ problem \}\)/,
        put: '.set({ problem, ...(problem && { active: null }) })',
      },
    ],
    finds: /the last good version/,
  },
  async run({ options, random }) {
    const fleet = makeFleet(options)
    try {
      await fleet.startServer()
      await fleet.startWorker()
      const good = await launched(fleet, 'parts', 2)
      await over(fleet, good)
      const [first] = (await fleet.client().locations.list()).locations
      const breaches: string[] = []
      const known: string[] = []
      for (const [how, code] of Object.entries(bad)) {
        const dev = await reloading(fleet, `other-${how}-${Math.floor(random() * 1e6)}`)
        await dev.save(`import { flow } from 'sluice'; export const fine = flow('fine', async () => 'fine')`)
        await until(`${dev.name} is active`, async () => (await dev.about())?.active != null, 20_000)
        const { active } = (await dev.about())!
        await dev.save(code)
        const since = performance.now()
        await until(`the server knows of ${how}`, async () => (await dev.about())?.problem != null, 50_000)
        known.push(`${how} after ${((performance.now() - since) / 1000).toFixed(1)} s`)
        const after = (await dev.about())!
        if (after.active !== active) breaches.push(`${how}: the last good version is active no more`)
        try {
          const { run } = await fleet.client().runs.launch({ body: { target: 'fine', location: dev.name } })
          await over(fleet, [run.id], 30_000)
        } catch (error) {
          breaches.push(`${how}: the last good version does not run: ${(error as Error).message}`)
          break
        }
      }
      const runs = await launched(fleet, 'parts', 5, 2)
      await over(fleet, runs)
      const now = (await fleet.client().locations.list()).locations.find(({ name }) => name === first!.name)
      if (now?.problem != null) breaches.push('a location that is well has a problem')
      return {
        verdicts: [
          ...(await verified(fleet, [...good, ...runs])),
          { what: 'the last good version stays, and runs', breaches },
        ],
        counted: known.join(', '),
      }
    } finally {
      fleet.close()
    }
  },
}

/** A worker with a location of its own, that loads what is saved. */
async function reloading(fleet: Fleet, name: string) {
  const folder = join(fleet.folder, name)
  mkdirSync(join(folder, 'node_modules'), { recursive: true })
  symlinkSync(join(fleet.folder, 'node_modules', 'sluice'), join(folder, 'node_modules', 'sluice'))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, type: 'module' }))
  cpSync(join(fleet.folder, '.env'), join(folder, '.env'))
  writeFileSync(
    join(folder, 'pipeline.ts'),
    `import { flow } from 'sluice'; export const first = flow('first', async () => 1)`,
  )
  await fleet.startWorker(0, { folder, more: ['--reload'] })
  return {
    name,
    save: (text: string) => Promise.resolve(writeFileSync(join(folder, 'pipeline.ts'), text)),
    about: async () =>
      (await patient(() => fleet.client().locations.list())).locations.find((one) => one.name === name),
  }
}
