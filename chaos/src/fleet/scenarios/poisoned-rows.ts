import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { makeFleet, patient, until } from '../fleet.ts'
import type { FleetScenario } from '../scenario.ts'
import { launched, over, verified } from '../verify-fleet.ts'

const pipeline = `
import { openSync, writeSync } from 'node:fs'
import { flow, schedule, task } from 'sluice'
import { randomUUID } from 'node:crypto'
import { currentRun } from 'sluice'
const file = openSync(process.env.CHAOS_LOG, 'a')
const tell = (line) => writeSync(file, JSON.stringify({ pid: process.pid, run: currentRun().id, ...line }) + '\\n')
const part = task('part', async (step) => {
  const mark = randomUUID().slice(0, 13)
  tell({ phase: 'start', step, mark })
  return mark
})
export const parts = flow('parts', async () => {
  const mark = await part(0)
  tell({ phase: 'got', step: 0, mark })
  return [mark]
})
export const good = schedule('good', { every: '1s', target: parts })
export const bad = schedule('bad', { every: '1s', target: parts })
`

const broken = `'{"cut off'`
/** One row of each table that has columns with structure. What is named of it must be said. */
const poison: readonly { readonly sql: string; readonly named: RegExp }[] = [
  { sql: `update schedules set spec = ${broken} where name = 'bad'`, named: /schedules \S+\/bad/ },
  { sql: `update runs set tags = ${broken} where id = $run`, named: /runs \w+/ },
  { sql: `update events set data = ${broken} where id = (select min(id) from events)`, named: /events \d+/ },
  { sql: `update ticks set runs = ${broken} where id = (select min(id) from ticks)`, named: /ticks \d+/ },
  { sql: `update queue set limits = ${broken} where run = $waiting`, named: /queue \w+/ },
  {
    sql: `insert into locations (name, active, activated_at, problem) values ('torn', 'v', 1, ${broken})`,
    named: /locations torn/,
  },
  {
    sql: `insert into locations (name, active, activated_at, problem) values ('torn2', 'v', 1, null);
      insert into location_versions (location, version, snapshot, entries, git, created_at) values ('torn2', 'v', ${broken}, '[]', null, 1)`,
    named: /location_versions torn2 v/,
  },
  {
    sql: `insert into workers (id, name, pool, slots, draining, versions, machine, joined_at, lease_until)
      values ('w1', 'torn', 'default', 1, 0, ${broken}, ${broken}, 1, 1)`,
    named: /workers torn/,
  },
  {
    sql: `insert into sensors (location, name, spec, retired, after, next_at, failures, lease_until)
      values ('fleet', 'torn', ${broken}, 0, 0, 0, 0, 0)`,
    named: /sensors fleet\/torn/,
  },
]

/** A row of every kind is damaged while the server is away: it comes up, the others go on, and each damaged one is named. */
export const poisonedRows: FleetScenario = {
  name: 'poisoned-rows',
  says: 'a row of every table is damaged, and the server starts again',
  protection: {
    name: 'rows-by-themselves',
    guards: 'of a list, what cannot be read is left out, and the rest goes on',
    patches: [{ file: 'storage/src/readable.ts', find: /return \[\]/, put: 'throw error' }],
    finds: /the others go on|not to its end|did not come true|JSON/,
  },
  async run({ options }) {
    const fleet = makeFleet({ ...options, pipeline })
    try {
      const server = await fleet.startServer()
      await fleet.startWorker()
      const runs = await launched(fleet, 'parts', 3)
      await over(fleet, runs)
      const body = { target: 'parts', startAt: Date.now() + 8_000 }
      const { run: waiting } = await patient(() => fleet.client().runs.launch({ body }))
      await until('both schedules have ticked', async () => {
        const { ticks } = await patient(() => fleet.client().ticks.list({ limit: 1000 }))
        return ['good', 'bad'].every((name) => ticks.some((tick) => tick.name === name))
      })
      server.signal('SIGKILL')
      damage(join(fleet.folder, 'store', 'sluice.db'), runs[0]!, waiting.id)
      const again = await server.again()
      const since = Date.now()
      const client = fleet.client()
      const breaches: string[] = []
      const more = await launched(fleet, 'parts', 3, 3)
      await over(fleet, more)
      const ticked = async (): Promise<boolean> =>
        (await client.ticks.list({ limit: 1000 })).ticks.some(
          (tick) => tick.name === 'good' && tick.outcome === 'launched' && (tick.scheduledFor ?? 0) > since,
        )
      await until('the other schedule ticks', ticked, 20_000).catch(() =>
        breaches.push('the other schedule ticks no more'),
      )
      const lists = {
        runs: () => client.runs.list({ limit: 100 }),
        events: () => client.events.list({ cursor: '0' }),
        locations: () => client.locations.list(),
        workers: () => client.workers.list(),
        sensors: () => client.sensors.list({}),
        schedules: () => client.schedules.list({}),
      }
      for (const [name, list] of Object.entries(lists))
        await list().catch((error: Error) => breaches.push(`the list of ${name} is gone: ${error.message}`))
      const allNamed = (): boolean => poison.every(({ named }) => named.test(again.printed()))
      await until('each is named', allNamed, 15_000).catch(() => {})
      const unnamed = poison
        .filter(({ named }) => !named.test(again.printed()))
        .map(({ named }) => `nobody said ${named.source}`)
      return {
        verdicts: [
          ...(await verified(fleet, more)).filter(({ what }) => what !== 'the store'),
          { what: 'the others go on', breaches },
          { what: 'each is named', breaches: unnamed },
        ],
        counted: `${poison.length} damaged rows`,
      }
    } finally {
      fleet.close()
    }
  },
}

function damage(path: string, run: string, waiting: string): void {
  const database = new DatabaseSync(path)
  for (const { sql } of poison) database.exec(sql.replaceAll('$run', `'${run}'`).replaceAll('$waiting', `'${waiting}'`))
  database.close()
}
