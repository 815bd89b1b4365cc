import { rmSync } from 'node:fs'
import { protocolVersion } from '@sluice/api/workers'
import { copyWithout } from '../../copy-without.ts'
import { checkout } from '../../program.ts'
import { type Fleet, makeFleet, until } from '../fleet.ts'
import type { FleetGiven, FleetScenario } from '../scenario.ts'
import { launched, notFenced, over, verified } from '../verify-fleet.ts'

/** As it was before: the same protocol, or an older one. */
const olderBuild = (protocol: number): string =>
  copyWithout({
    name: `build-${protocol}`,
    guards: '',
    plans: [],
    patches: [
      {
        file: 'api/src/workers/messages.ts',
        find: /export const protocolVersion = \d+/,
        put: `export const protocolVersion = ${protocol}`,
      },
    ],
  })

/** The server is upgraded under workers of an older build, in the middle of their runs. */
export const oldWorkers: FleetScenario = {
  name: 'old-workers',
  says: 'the server is upgraded in the middle of runs of older workers, of the same protocol and of an older one',
  protection: {
    name: 'protocol-check',
    guards: 'a worker of another protocol version is told so, and gets no runs',
    patches: [{ file: 'server/src/workers/connected.ts', find: /hello\.protocol !== protocolVersion/, put: 'false' }],
    finds: /old workers are refused/,
  },
  async run(given) {
    const same = await upgraded(given, protocolVersion)
    const older = await upgraded(given, protocolVersion - 1)
    return {
      verdicts: [...same, ...older],
      counted: `upgraded twice in the middle of 3 runs: protocol ${protocolVersion}, and ${protocolVersion - 1}`,
    }
  },
}

async function upgraded({ options }: FleetGiven, protocol: number) {
  const old = olderBuild(protocol)
  const isSame = protocol === protocolVersion
  // With the same protocol nobody is to notice; with an older one the runs go elsewhere when the lease has ended.
  const fleet = makeFleet({ lease: isSame ? 20_000 : 2_000, ...options, root: old })
  try {
    await fleet.startServer()
    await fleet.startWorker()
    const runs = await launched(fleet, 'longParts', 3)
    await until('all runs go on', () =>
      runs.every((run) => fleet.log().some((line) => line.run === run && line.step > 3)),
    )
    const [worker] = fleet.workers
    fleet.servers[0]!.signal('SIGKILL')
    await fleet.servers[0]!.again(options.root ?? checkout)
    if (!isSame) await addNew(fleet, options.root ?? checkout)
    await over(fleet, runs)
    runs.push(...(await launched(fleet, 'parts', 3)))
    await over(fleet, runs)
    if (isSame) return [...(await verified(fleet, runs)), await notFenced(fleet, runs)]
    const told = /version \d+ of the worker protocol/.test(worker!.printed())
    return [
      ...(await verified(fleet, runs)),
      { what: 'old workers are refused', breaches: told ? [] : ['the old worker was not told'] },
    ]
  } finally {
    fleet.close()
    rmSync(old, { recursive: true, force: true })
  }
}

/** The new build comes to a machine beside the old one's. */
async function addNew(fleet: Fleet, build: string): Promise<void> {
  const worker = await fleet.startWorker(0, { folder: fleet.folder, more: [], build })
  await until(`${worker.name} is there`, async () =>
    (await fleet.client().workers.list()).workers.some(({ name }) => name === worker.name),
  )
}
