import { makeFleet, memoryOf } from '../fleet.ts'
import type { FleetScenario } from '../scenario.ts'
import { launched, over, verified } from '../verify-fleet.ts'

/** A run that prints hundreds of megabytes, with one line of 20 MB. */
export const output: FleetScenario = {
  name: 'output',
  says: 'a run prints 220 MB, one line of it 20 MB long',
  protection: {
    name: 'lines-are-cut',
    guards: 'a long line is cut',
    patches: [{ file: 'worker/src/pool/lines.ts', find: /longest = 64 \* 1024/, put: 'longest = 1024 ** 3' }],
    finds: /lines are cut/,
  },
  async run({ options, scale }) {
    const fleet = makeFleet(options)
    try {
      const server = await fleet.startServer()
      const worker = await fleet.startWorker()
      const warm = await launched(fleet, 'parts', 10)
      await over(fleet, warm)
      const grown = [watchMemory(server.child.pid!), watchMemory(worker.child.pid!)] as const
      const runs = await launched(fleet, 'printing', Math.max(1, Math.round(scale)))
      await over(fleet, runs)
      const [ofServer, ofWorker] = [grown[0](), grown[1]()]
      const { lines } = await fleet.client().runs.logs({ run: runs[0]!, limit: 1000 })
      const long = lines
        .filter(({ message }) => message.length > 70_000)
        .map(({ message }) => `a line of ${message.length} characters was kept`)
      return {
        verdicts: [
          ...(await verified(fleet, runs)),
          { what: 'lines are cut', breaches: long },
          {
            what: 'memory stays flat',
            breaches:
              ofServer > 300 || ofWorker > 300 ? [`the server by ${ofServer} MB, the worker by ${ofWorker} MB`] : [],
          },
        ],
        counted: `the server grew by ${ofServer} MB at most, the worker by ${ofWorker} MB`,
      }
    } finally {
      fleet.close()
    }
  },
}

/** Gives by how many MB it has grown at most since. */
function watchMemory(pid: number): () => number {
  const before = memoryOf(pid)
  let most = before
  const timer = setInterval(() => (most = Math.max(most, memoryOf(pid))), 100).unref()
  return () => {
    clearInterval(timer)
    return Math.round((most - before) / 1024 / 1024)
  }
}
