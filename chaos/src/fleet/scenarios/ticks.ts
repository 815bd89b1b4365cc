import { setTimeout as wait } from 'node:timers/promises'
import { aDatabase } from '../databases.ts'
import { type Fleet, makeFleet, patient } from '../fleet.ts'
import { ended, type FleetScenario } from '../scenario.ts'
import { launched, over, verified } from '../verify-fleet.ts'

const pipeline = (count: number): string => `
import { openSync, writeSync } from 'node:fs'
import { currentRun, flow, schedule } from 'sluice'
const file = openSync(process.env.CHAOS_LOG, 'a')
export const tick = flow('tick', async () => {
  writeSync(file, JSON.stringify({ pid: process.pid, run: currentRun().id, phase: 'start', step: 0, mark: '' }) + '\\n')
})
export const first = flow('parts', async () => 'up')
export const all = Array.from({ length: ${count} }, (_, n) =>
  schedule('every' + n, { every: '1s', catchUp: 'all', target: tick }))
`

/** Three servers decide the same schedules, and one of them is always about to be stopped: each tick is one run. */
export const ticks: FleetScenario = {
  name: 'ticks',
  says: 'three servers on one PostgreSQL decide every tick, and one is stopped and goes on (10,000 ticks at scale 25)',
  protection: {
    name: 'one-decides',
    guards: 'a tick is decided by whoever moves the watermark from where it was',
    patches: [
      {
        file: 'storage/src/postgres/dialect.ts',
        find: /schedules\.watermark = moves\."from" and /,
        put: '',
      },
    ],
    finds: /every tick is one run/,
    scale: 0.5,
  },
  async run({ options, random, scale }) {
    const database = await aDatabase()
    const count = Math.max(1, Math.round(20 * scale))
    const fleet = makeFleet({ ...options, store: database.url, pipeline: pipeline(count) })
    try {
      for (let nth = 0; nth < 3; nth++) await fleet.startServer()
      for (let nth = 0; nth < 3; nth++) await fleet.startWorker(nth)
      await launched(fleet, 'parts', 1)
      const location = (await fleet.client().locations.list()).locations[0]!.name
      let stops = 0
      for (const until = Date.now() + Math.min(20, 6 + 14 * scale) * 1_000; Date.now() < until; stops++) {
        const server = fleet.servers[stops % 3]!
        server.signal('SIGSTOP')
        await wait(500 + random() * 2_500)
        server.signal('SIGCONT')
        await wait(random() * 500)
      }
      const names = Array.from({ length: count }, (_, nth) => `every${nth}`)
      const pause = (name: string) => () => fleet.client().schedules.pause({ location, name, body: { paused: true } })
      // Many at once: whatever is not paused yet goes on, every second.
      while (names.length > 0) await Promise.all(names.splice(0, 50).map((name) => patient(pause(name))))
      await wait(1_000) // what was decided at the same moment
      const { runs, breaches } = await decided(fleet, location, count)
      if (breaches.length > 0) return ended('every tick is one run', breaches)
      await over(fleet, runs)
      const all = await launchedBy(fleet)
      const told = new Set(fleet.log().map(({ run }) => run))
      const ofTicks = new Set(runs)
      breaches.push(
        ...all.filter((run) => !ofTicks.has(run)).map((run) => `${run} belongs to no tick`),
        ...runs.filter((run) => !told.has(run)).map((run) => `${run} never ran`),
      )
      const verdicts = [...(await verified(fleet, runs)), { what: 'every tick is one run', breaches }]
      return { verdicts, counted: `${runs.length} ticks of ${count} schedules, 3 servers, ${stops} stops` }
    } finally {
      fleet.close()
      await database.close()
    }
  },
}

/** The runs of all ticks; each tick once, and none left out between the first and the last. */
async function decided(fleet: Fleet, location: string, count: number) {
  const runs: string[] = []
  const breaches: string[] = []
  for (let nth = 0; nth < count; nth++) {
    const name = `every${nth}`
    const { ticks: found } = await patient(() =>
      fleet.client().ticks.list({ kind: 'schedule', location, name, limit: 1000 }),
    )
    const times = found.map(({ scheduledFor }) => scheduledFor).toReversed()
    for (const [at, time] of times.entries()) {
      const gap = at === 0 ? 1_000 : time - times[at - 1]!
      if (gap !== 1_000) breaches.push(`${name}: ${gap} ms between one tick and the next`)
    }
    for (const tick of found) {
      if (tick.runs.length !== 1) breaches.push(`${name}: a tick ${tick.outcome} with ${tick.runs.length} runs`)
      runs.push(...tick.runs)
    }
  }
  if (new Set(runs).size !== runs.length) breaches.push('two ticks have one run')
  return { runs, breaches }
}

async function launchedBy(fleet: Fleet): Promise<string[]> {
  const all: string[] = []
  for (let cursor: string | undefined; ;) {
    const page = await patient(() =>
      fleet.client().runs.list({ name: 'tick', limit: 200, ...(cursor !== undefined && { cursor }) }),
    )
    all.push(...page.runs.map(({ id }) => id))
    if (page.next === null) return all
    cursor = page.next
  }
}
