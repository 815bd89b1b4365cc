import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { checkout } from '../../program.ts'
import { makeFleet, patient, until } from '../fleet.ts'
import type { FleetScenario } from '../scenario.ts'
import { launched, notFenced, over, verified } from '../verify-fleet.ts'

const pipeline = `${readFileSync(join(checkout, 'chaos', 'src', 'fleet', 'pipeline.ts'), 'utf8')}
import { job, schedule } from 'sluice'
export const bounded = job('bounded', { target: longParts, maxDuration: '30m' })
export const tenth = schedule('tenth', { every: '10m', catchUp: 'all', target: parts })
`

/** The clocks of a server and of a worker are moved by an hour, there and back, while runs go on. */
export const clock: FleetScenario = {
  name: 'clock',
  says: 'the clock of the server, and then of a worker, moves an hour ahead and back',
  protection: {
    name: 'jumps-are-seen',
    guards: 'leases that a jump of the clock has ended are not taken for those of dead workers',
    patches: [
      {
        file: 'engine/src/queue/reap-pass.ts',
        find: /Math\.abs\(storeNow - memory\.seen\.store - \(monotonic - memory\.seen\.own\)\) < gap/,
        put: 'true',
      },
    ],
    finds: /nobody was taken for dead/,
  },
  async run({ options }) {
    const clockOf = (name: string): string => join(fleet.folder, `clock-${name.replace(/\d+$/, '')}`)
    const fleet = makeFleet({
      ...options,
      pipeline,
      env: (name) => ({
        NODE_OPTIONS: `--import=${pathToFileURL(join(checkout, 'chaos', 'src', 'fleet', 'moved-clock.ts')).href}?file=${clockOf(name)}`,
      }),
    })
    const move = (whose: 'server' | 'worker', seconds: number): void =>
      writeFileSync(clockOf(whose), String(seconds * 1_000))
    const ticksOf = async () => {
      const location = (await fleet.client().locations.list()).locations[0]!.name
      return (await patient(() => fleet.client().ticks.list({ kind: 'schedule', location, name: 'tenth' }))).ticks
    }
    try {
      move('server', 0)
      move('worker', 0)
      await fleet.startServer()
      await fleet.startWorker()
      const runs = [...(await launched(fleet, 'longParts', 2)), ...(await launched(fleet, 'bounded', 1))]
      await until('all runs go on', () =>
        runs.every((run) => fleet.log().some((line) => line.run === run && line.step > 3)),
      )
      for (const [whose, seconds] of moves) {
        move(whose, seconds)
        await wait(2_500)
        // A look at the very moment of the jump may have compared the clocks of two threads: the next one is 5 s later.
        if (whose === 'server' && seconds > 0)
          await until('the hour is made up for', async () => (await ticksOf()).length >= 6)
        // Under the clocks as they are now, too.
        if (seconds !== 0) runs.push(...(await launched(fleet, 'bounded', 1, runs.length)))
      }
      await over(fleet, runs)
      const ticks = await ticksOf()
      const times = ticks.map(({ scheduledFor }) => scheduledFor).toReversed()
      const ticking = ticks.flatMap((tick) => tick.runs)
      await over(fleet, ticking)
      const breaches = times.flatMap((time, nth) =>
        nth === 0 || time === times[nth - 1]! + 600_000 ? [] : [`${time - times[nth - 1]!} ms between two ticks`],
      )
      if (times.length < 6)
        breaches.push(`an hour ahead has six ticks of ten minutes, and ${times.length} were decided`)
      if (new Set(ticking).size !== times.length) breaches.push(`${ticking.length} runs of ${times.length} ticks`)
      const verdicts = [
        ...(await verified(fleet, [...runs, ...ticking])),
        await notFenced(fleet, [...runs, ...ticking]),
        { what: 'every tick once', breaches },
      ]
      return { verdicts, counted: `${runs.length} runs, ${times.length} ticks, ${moves.length} moves` }
    } finally {
      fleet.close()
    }
  },
}

const hour = 3_600
const moves = [
  ['server', hour],
  ['server', 0],
  ['server', -hour],
  ['server', 0],
  ['worker', hour],
  ['worker', -hour],
  ['worker', 0],
] as const
