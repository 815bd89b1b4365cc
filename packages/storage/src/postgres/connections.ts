import pg from 'pg'
import type { Address } from './address.ts'
import type { Connection } from './connection.ts'

/** The connections of a store: one that writes, some that read, one that listens. */
export interface Connections {
  /** The one that writes, opened where it is not. */
  writer(): Promise<Connection>
  /** It is of no use any more: the next `writer` is another one. */
  dropWriter(): Promise<void>
  /** Any that is free, for single statements. */
  readonly reader: Connection
  /** Calls `heard` with every word to the schema's channel, and with `null` when some may have been missed; until it is ended. */
  listen(heard: (word: string | null) => void): { end(): Promise<void> }
  close(): Promise<void>
}

/** Numbers as numbers: what we store is below 2^53. */
const INT8 = 20
const types = new pg.TypeOverrides()
types.setTypeParser(INT8, Number)

/** How long a stopped process may hold locks in the middle of a transaction; ours take milliseconds. */
const IDLE_IN_TRANSACTION = 15_000
/** No statement of a store takes so long: the connection is dead. */
const QUERY_TIMEOUT = 300_000

function configOf({ url, schema, applicationName, settings }: Address): pg.ClientConfig {
  const own = `-c search_path=${schema} -c idle_in_transaction_session_timeout=${IDLE_IN_TRANSACTION}`
  return {
    connectionString: url,
    application_name: applicationName,
    options: settings === '' ? own : `${settings} ${own}`,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: 10_000,
    query_timeout: QUERY_TIMEOUT,
    types,
  }
}

const connectionOf = (client: Pick<pg.Client, 'query'>): Connection => ({
  async query(text, values, name) {
    const { rows, rowCount } = await client.query<object>({
      text,
      ...(values && { values: [...values] }),
      ...(name !== undefined && { name }),
    })
    return { rows, count: rowCount ?? 0 }
  },
  async script(text) {
    await client.query(text)
  },
})

/** A connection that keeps the process alive only while an answer is awaited. */
function exitable(client: pg.Client): Connection {
  const its = connectionOf(client)
  const socket = client as pg.Client & { ref(): void; unref(): void } // there, but not in its types
  let asked = 0
  const awaiting = async <T>(send: () => Promise<T>): Promise<T> => {
    if (asked++ === 0) socket.ref()
    try {
      return await send()
    } finally {
      if (--asked === 0) socket.unref()
    }
  }
  socket.unref()
  return {
    query: (...args) => awaiting(() => its.query(...args)),
    script: (text) => awaiting(() => its.script(text)),
  }
}

/** Connections to a server. Nothing is opened before it is used. */
export function openConnections(address: Address): Connections {
  const config = configOf(address)
  const pool = new pg.Pool({ ...config, max: address.pool - 2, idleTimeoutMillis: 60_000, allowExitOnIdle: true })
  pool.on('error', () => {}) // an idle one was ended by the server: the next use opens another
  let writer: { client: pg.Client; connection: Promise<Connection> } | undefined

  const openWriter = () => {
    const client = new pg.Client({ ...config, pipeline: true })
    const own = { client, connection: client.connect().then(() => exitable(client)) }
    const gone = (): void => {
      if (writer === own) writer = undefined
    }
    client.on('error', gone)
    client.on('end', gone)
    own.connection.catch(gone)
    return own
  }
  return {
    writer: () => (writer ??= openWriter()).connection,
    async dropWriter() {
      const own = writer
      writer = undefined
      await own?.client.end().catch(() => {})
    },
    reader: connectionOf(pool),
    listen: (heard) => listening(config, `sluice_${address.schema}`, heard),
    async close() {
      const awake = setInterval(() => {}, 60_000) // idle connections keep no process alive, not even while they end
      await Promise.all([pool.end(), writer?.client.end().catch(() => {})])
      clearInterval(awake)
    },
  }
}

/** Pauses between attempts to listen again, in milliseconds. */
const SOONEST = 200
const LATEST = 5_000

function listening(
  config: pg.ClientConfig,
  channel: string,
  heard: (word: string | null) => void,
): { end(): Promise<void> } {
  let client: pg.Client | undefined
  let isOver = false
  let pause = SOONEST
  let timer: NodeJS.Timeout | undefined

  const open = (): void => {
    const own = new pg.Client(config)
    client = own
    let isGone = false
    const again = (): void => {
      if (isGone || isOver) return
      isGone = true
      void own.end().catch(() => {})
      timer = setTimeout(open, pause)
      pause = Math.min(pause * 2, LATEST)
    }
    own.on('error', again)
    own.on('end', again)
    own.on('notification', ({ payload }) => heard(payload ?? null))
    own
      .connect()
      .then(() => own.query(`listen ${pg.escapeIdentifier(channel)}`))
      .then(() => {
        pause = SOONEST
        heard(null) // of what was said while nobody listened
      })
      .catch(again)
  }
  open()
  return {
    async end() {
      isOver = true
      clearTimeout(timer)
      await client?.end().catch(() => {})
    },
  }
}
