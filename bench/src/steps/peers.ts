import { howToGetPostgres, inFreshDatabase, refusalOf } from '../postgres.ts'
import { run } from '../programs.ts'
import { type Place, environment, inFreshFolder, workload } from './workload.ts'

/** Another tool doing the same, measured the same way. */
export interface Peer {
  readonly name: string
  readonly warm: number
  readonly count: number
  readonly width: number
  /** At most so many rounds: some take half a minute each. */
  readonly rounds: number
  /** Milliseconds for the measured steps, each durable as the tool does it. */
  measure(place: Place, plan: { warm: number; count: number; width: number }): Promise<number>
}

/** Peers that this machine has; `missing` is told of the others, and how to get them. */
export async function findPeers(
  { postgres, python, smoke }: { postgres?: string | undefined; python?: string | undefined; smoke: boolean },
  missing: (line: string) => void,
): Promise<Peer[]> {
  const few = smoke ? 0.1 : 1
  const size = (rounds: number, warm: number, count: number, width: number) => ({
    rounds,
    warm: Math.ceil(warm * few),
    count: Math.ceil(count * few),
    width,
  })
  const peers: Peer[] = []
  const refusal = await refusalOf({ postgres, smoke })
  if (postgres === undefined || refusal !== undefined) {
    missing(`DBOS Transact: ${refusal}. ${howToGetPostgres}`)
  } else {
    const measure = dbos(postgres)
    peers.push(
      { name: 'dbos.sequential', ...size(5, 200, 2000, 1), measure },
      { name: 'dbos.concurrent', ...size(5, 500, 3000, 500), measure },
    )
  }
  if (python !== undefined && (await imports(python, 'dagster'))) {
    peers.push(
      { name: 'dagster.ops', ...size(3, 10, 100, 1), measure: dagster(python, 'ops') },
      { name: 'dagster.assets', ...size(3, 5, 40, 1), measure: dagster(python, 'assets') },
    )
  } else missing(`Dagster: ${without(python, 'dagster')}`)
  if (python !== undefined && (await imports(python, 'prefect'))) {
    const measure = prefect(python)
    peers.push(
      { name: 'prefect.sequential', ...size(3, 5, 50, 1), measure },
      { name: 'prefect.concurrent', ...size(3, 20, 500, 500), measure },
    )
  } else missing(`Prefect: ${without(python, 'prefect')}`)
  return peers
}

const without = (python: string | undefined, name: string): string =>
  python === undefined
    ? `no Python was named. python3 -m venv PLACE && PLACE/bin/pip install ${name}, then --python PLACE/bin/python`
    : `${python} does not have it. ${python} -m pip install ${name}`

const imports = (python: string, name: string): Promise<boolean> =>
  run(python, ['-c', `import ${name}`]).then(
    () => true,
    () => false,
  )

/** Each time in a database of its own. */
const dbos =
  (postgres: string): Peer['measure'] =>
  ({ disk, product }, plan) =>
    inFreshDatabase(postgres, async (url) => {
      const { ms } = await inFreshFolder<{ ms: number }>(disk, (folder, out) => {
        const env = { ...environment({ before: 0, ...plan, out }, folder), SLUICE_BENCH_DATABASE: url }
        return run(product.node[0]!, ['--no-deprecation', workload('dbos.ts')], { env })
      })
      return ms
    })

const dagster =
  (python: string, what: 'ops' | 'assets'): Peer['measure'] =>
  async ({ disk }, plan) => {
    const { ms } = await inFreshFolder<{ ms: number }>(disk, (folder, out) => {
      const env = {
        ...environment({ before: 0, ...plan, out }, folder),
        DAGSTER_HOME: folder,
        DAGSTER_DISABLE_TELEMETRY: '1',
      }
      return run(python, ['-B', workload('dagster_steps.py'), what], { env })
    })
    return ms
  }

const prefect =
  (python: string): Peer['measure'] =>
  async ({ disk }, plan) => {
    const { ms } = await inFreshFolder<{ ms: number }>(disk, (folder, out) => {
      const quiet = { PREFECT_LOGGING_LEVEL: 'ERROR', PREFECT_SERVER_ANALYTICS_ENABLED: 'false', DO_NOT_TRACK: '1' }
      return run(python, ['-B', workload('prefect_steps.py')], {
        env: { ...environment({ before: 0, ...plan, out }, folder), PREFECT_HOME: folder, ...quiet },
      })
    })
    return ms
  }
