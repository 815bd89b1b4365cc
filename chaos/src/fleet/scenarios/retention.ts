import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { checkout } from '../../program.ts'
import { makeFleet, patient, until } from '../fleet.ts'
import { ended, type FleetScenario } from '../scenario.ts'
import { launched, over, verified } from '../verify-fleet.ts'

/** Everything that may go goes at once, again and again, while runs go on: what is active or newest stays. */
export const retention: FleetScenario = {
  name: 'retention',
  says: 'what is older than some seconds is deleted, again and again, while runs go on',
  protection: {
    name: 'active-runs-stay',
    guards: 'retention deletes runs that are over, and no others',
    patches: [
      {
        file: 'storage/src/history/rules.ts',
        find: /at: 'ended_at',\n {4}inTime: false,\n {4}spare: sql`it\.ended_at is not null and /,
        put: "at: 'created_at',\n    inTime: false,\n    spare: sql`",
      },
      {
        file: 'storage/src/history/history-store.ts',
        find: /row\.ended_at === null \|\| row\.ended_at >= before/,
        put: 'row.created_at >= before',
      },
    ],
    finds: /runs that go on stay/,
  },
  async run({ options, scale }) {
    const fleet = makeFleet(options)
    const main = join(options.root ?? checkout, 'packages', 'sluice', 'src', 'main.ts')
    const old = ['--runs', '3s', '--logs', '1s', '--events', '1s', '--ticks', '1s']
    const prune = (): Promise<unknown> =>
      promisify(execFile)(process.execPath, ['--conditions=@sluice/source', main, 'db', 'prune', ...old], {
        cwd: fleet.folder,
        env: { ...process.env, SLUICE_HOME: join(fleet.folder, 'store') },
      })
    try {
      await fleet.startServer()
      await fleet.startWorker()
      await over(fleet, await launched(fleet, 'table', 1))
      const gone = await launched(fleet, 'parts', Math.max(5, Math.round(20 * scale)))
      await over(fleet, gone)
      const kept = await launched(fleet, 'longParts', 4)
      const missing = async (): Promise<string[]> => {
        const breaches: string[] = []
        for (const run of kept)
          await patient(() => fleet.client().runs.get({ run })).catch(() => breaches.push(`${run} is gone`))
        return breaches
      }
      let prunes = 0
      let goesOn = true
      const pruning = (async () => {
        for (; goesOn; prunes++) await prune()
      })()
      try {
        const isFar = (run: string): boolean => fleet.log().some((line) => line.run === run && line.step >= 30)
        await until('they go on', async () => kept.every(isFar) || (await missing()).length > 0)
      } finally {
        goesOn = false
        await pruning
      }
      const breaches = await missing()
      if (breaches.length > 0) return ended('runs that go on stay', breaches)
      await over(fleet, kept)
      const left = await patient(() => fleet.client().runs.list({ limit: 100 }))
      const stayed = left.runs.filter(({ id }) => gone.includes(id)).map(({ id }) => `${id} is there`)
      const { asset } = await patient(() => fleet.client().assets.get({ asset: 'table' }))
      const latest = asset.latest === null ? ['the asset has no record any more'] : []
      return {
        verdicts: [
          ...(await verified(fleet, kept)),
          { what: 'runs that go on stay', breaches },
          { what: 'old runs are gone', breaches: stayed },
          { what: 'the latest record of an asset stays', breaches: latest },
        ],
        counted: `${kept.length} runs that go on, ${gone.length} that were over, deleted ${prunes} times`,
      }
    } finally {
      fleet.close()
    }
  },
}
