import { aDatabase } from '../databases.ts'
import { droppingProxy } from '../dropping-proxy.ts'
import { type Fleet, makeFleet } from '../fleet.ts'
import type { FleetScenario } from '../scenario.ts'
import { launched, notFenced, over, verified } from '../verify-fleet.ts'

/** What was committed is not acknowledged: the connection breaks on the answer. */
export const lostAnswers: FleetScenario = {
  name: 'lost-answers',
  says: 'the database commits, and its answer is lost with the connection',
  protection: {
    name: 'fate-is-asked',
    guards: 'after a commit without an answer the database is asked whether it happened',
    patches: [
      {
        file: 'storage/src/postgres/writes.ts',
        find: /if \(await happened\(error, since\)\) return error\.answers/,
        put: '',
      },
    ],
    finds: /no line is stored twice/,
  },
  async run({ options, random, scale }) {
    const database = await aDatabase()
    const url = new URL(database.url)
    const proxy = await droppingProxy(Number(url.port || 5432), () => random() < 0.2)
    url.port = String(proxy.port)
    const fleet = makeFleet({ lease: 10_000, ...options, store: database.url })
    try {
      await fleet.startServer(url.href)
      await fleet.startWorker()
      const count = Math.max(5, Math.round(60 * scale))
      const runs = await launched(fleet, 'parts', count)
      await over(fleet, runs)
      const client = await database.connect()
      const { rows } = await client.query<{ run: string }>(
        `select run from events where type in ('run.created', 'run.started', 'run.succeeded') group by run, type having count(*) > 1`,
      )
      const verdicts = [
        ...(await verified(fleet, runs)),
        await notFenced(fleet, runs),
        { what: 'nothing is told twice', breaches: rows.map(({ run }) => `${run} has an event twice`) },
        { what: 'no line is stored twice', breaches: await twice(fleet, runs) },
        { what: 'answers were dropped', breaches: proxy.dropped > 0 ? [] : ['none was'] },
      ]
      return { verdicts, counted: `${count} runs, ${proxy.dropped} answers dropped` }
    } finally {
      fleet.close()
      proxy.close()
      await database.close()
    }
  },
}

/** Lines have no identity of their own: what is committed again would be stored again. A run that goes on prints again. */
async function twice(fleet: Fleet, runs: readonly string[]): Promise<string[]> {
  const breaches: string[] = []
  for (const run of runs) {
    if ((await fleet.client().runs.get({ run })).run.epoch > 1) continue
    const { lines } = await fleet.client().runs.logs({ run, limit: 5000 })
    const seen = new Set<string>()
    for (const { message } of lines) {
      if (seen.has(message)) breaches.push(`${run} printed "${message}" once`)
      seen.add(message)
    }
  }
  return breaches
}
