import { randomBytes } from 'node:crypto'
import { Client } from 'pg'

export interface PostgresOptions {
  readonly postgres?: string | undefined
  /** In a hurry nothing needs to be durable. */
  readonly smoke: boolean
}

/** Why this server cannot be measured; `undefined`: it can. */
export async function refusalOf({ postgres, smoke }: PostgresOptions): Promise<string | undefined> {
  if (postgres === undefined) return 'no Postgres was named'
  try {
    const durable = await withClient(postgres, async (client) => {
      const { rows } = await client.query(
        `select current_setting('fsync') = 'on' and current_setting('synchronous_commit') <> 'off' as durable`,
      )
      return (rows as { durable: boolean }[])[0]!.durable
    })
    return durable || smoke ? undefined : 'its Postgres has fsync or synchronous_commit off'
  } catch (error) {
    return `its Postgres cannot be reached (${(error as Error).message || (error as { code?: string }).code})`
  }
}

export const howToGetPostgres = 'Start one and name it: --postgres postgres://user@127.0.0.1:5432/postgres'

/** The server, where it can be measured; otherwise says that its rows are left out, and how to get them. */
export async function postgresFor(options: PostgresOptions, note: (line: string) => void): Promise<string | undefined> {
  const refusal = await refusalOf(options)
  if (refusal === undefined) return options.postgres
  note(`Left out: the rows of PostgreSQL: ${refusal}. ${howToGetPostgres}`)
  return undefined
}

/** Runs with the address of a database of its own, which is dropped. */
export async function inFreshDatabase<T>(postgres: string, use: (url: string) => Promise<T>): Promise<T> {
  const database = `sluice_bench_${randomBytes(4).toString('hex')}`
  const url = new URL(postgres)
  url.pathname = `/${database}`
  await withClient(postgres, (client) => client.query(`create database ${database}`))
  try {
    return await use(url.href)
  } finally {
    await withClient(postgres, (client) => client.query(`drop database ${database} with (force)`))
  }
}

async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
