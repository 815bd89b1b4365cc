import { setTimeout as wait } from 'node:timers/promises'
import { aDatabase } from '../databases.ts'
import { makeFleet } from '../fleet.ts'
import type { FleetScenario } from '../scenario.ts'
import { launched, over, verified } from '../verify-fleet.ts'

/** Every hint that there is something to take comes again and again, to both servers: each run is claimed once. */
export const hintTwice: FleetScenario = {
  name: 'hint-twice',
  says: 'two servers get every hint of a delivered run, many times over',
  protection: {
    name: 'claims-compare',
    guards: 'a run is claimed by one compare-and-set of its epoch and its state',
    patches: [
      {
        file: 'storage/src/runs/run-store.ts',
        find: /if \(head\.epoch !== change\.from\) return \(await claimedAlready/,
        put: 'if (head.epoch > 99) return (await claimedAlready',
      },
      {
        file: 'storage/src/runs/run-store.ts',
        find: /if \(head\.state !== 'waiting' && head\.state !== 'starting' && head\.state !== 'crashed'\)/,
        put: 'if (isTerminalRun(head.state))',
      },
    ],
    finds: /one claim for each run/,
    scale: 0.5,
  },
  async run({ options, scale }) {
    const database = await aDatabase()
    const fleet = makeFleet({ lease: 10_000, ...options, store: database.url })
    try {
      await fleet.startServer()
      await fleet.startServer()
      for (const server of [0, 1, 0, 1]) await fleet.startWorker(server)
      const sql = await database.connect()
      let hints = 0
      let goesOn = true
      const hinting = (async () => {
        for (; goesOn; await wait(2)) {
          await sql.query(`select pg_notify('sluice_' || current_schema(), 'moved')`)
          hints++
        }
      })()
      const runs: string[] = []
      const count = Math.max(20, Math.round(100 * scale))
      try {
        runs.push(...(await launched(fleet, 'parts', count)))
        await over(fleet, runs)
      } finally {
        goesOn = false
        await hinting
      }
      const { rows } = await sql.query<{ run: string; claims: string }>(
        `select run, count(*) as claims from events where type in ('run.started', 'run.resumed') group by run`,
      )
      const claims = new Map(rows.map((row) => [row.run, Number(row.claims)]))
      const log = fleet.log()
      const breaches = runs.flatMap((run) => {
        const pids = new Set(log.filter((line) => line.run === run).map(({ pid }) => pid))
        return claims.get(run) === 1 && pids.size === 1
          ? []
          : [`${run} was claimed ${claims.get(run)} times, and ran in ${pids.size} processes`]
      })
      const verdicts = [...(await verified(fleet, runs)), { what: 'one claim for each run', breaches }]
      return { verdicts, counted: `${count} runs, ${hints} hints to each of 2 servers` }
    } finally {
      fleet.close()
      await database.close()
    }
  },
}
