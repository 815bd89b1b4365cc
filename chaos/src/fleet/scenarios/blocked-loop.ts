import { makeFleet } from '../fleet.ts'
import type { FleetScenario } from '../scenario.ts'
import { launched, notFenced, over, verified } from '../verify-fleet.ts'

/** A step that spins for many leases is busy, not dead. */
export const blockedLoop: FleetScenario = {
  name: 'blocked-loop',
  says: 'steps block their event loops for four leases (65 s from scale 3 on)',
  protection: {
    name: 'supervisor-beats',
    guards: 'who tells that it lives is the worker, whatever its runs do',
    patches: [
      {
        file: 'worker/src/pool/worker.ts',
        find: /beating = setInterval\(beat, given\.beat\)/,
        // With runs that spin it would come to its beat after three leases.
        put: 'beating = setInterval(() => { if (!runs.size || performance.now() - renewedAt > given.lease * 3) beat() }, given.beat)',
      },
    ],
    finds: /nobody was taken for dead/,
  },
  async run({ options, scale }) {
    const fleet = makeFleet(options)
    try {
      await fleet.startServer()
      await fleet.startWorker()
      const long = scale >= 3
      const runs = await launched(fleet, long ? 'spinningLong' : 'spinning', 2)
      // Who is taken for dead in each spin never comes to its end.
      const ended = await over(fleet, runs, long ? 180_000 : 30_000).then(
        () => [],
        ({ message }: Error) => [message],
      )
      const verdicts = (await verified(fleet, runs)).filter(({ what }) => what !== 'results are what the code got')
      return {
        verdicts: [{ what: 'every run ends', breaches: ended }, ...verdicts, await notFenced(fleet, runs)],
        counted: `${runs.length} runs that spin ${long ? 65 : 6} s, lease 1.5 s`,
      }
    } finally {
      fleet.close()
    }
  },
}
