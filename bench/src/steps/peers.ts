import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
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
  const refusal = postgres === undefined ? 'no Postgres was named' : await unreachable(postgres)
  if (postgres === undefined || refusal !== undefined) {
    missing(`DBOS Transact: ${refusal}. Start one and name it: --postgres postgres://user@127.0.0.1:5432/postgres`)
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

async function unreachable(postgres: string): Promise<string | undefined> {
  try {
    const durable = await withPostgres(postgres, async (client) => {
      const { rows } = await client.query(
        `select current_setting('fsync') = 'on' and current_setting('synchronous_commit') <> 'off' as durable`,
      )
      return (rows as { durable: boolean }[])[0]!.durable
    })
    return durable ? undefined : 'its Postgres has fsync or synchronous_commit off'
  } catch (error) {
    return `its Postgres cannot be reached (${(error as Error).message || (error as { code?: string }).code})`
  }
}

async function withPostgres<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** Each time in a database of its own, which is dropped. */
const dbos =
  (postgres: string): Peer['measure'] =>
  async ({ disk, product }, plan) => {
    const database = `sluice_bench_${randomBytes(4).toString('hex')}`
    const url = new URL(postgres)
    url.pathname = `/${database}`
    await withPostgres(postgres, (client) => client.query(`create database ${database}`))
    try {
      const { ms } = await inFreshFolder<{ ms: number }>(disk, (folder, out) => {
        const env = { ...environment({ before: 0, ...plan, out }, folder), SLUICE_BENCH_DATABASE: url.href }
        return run(product.node[0]!, ['--no-deprecation', workload('dbos.ts')], { env })
      })
      return ms
    } finally {
      await withPostgres(postgres, (client) => client.query(`drop database ${database} with (force)`))
    }
  }

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
