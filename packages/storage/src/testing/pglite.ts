import { PGlite } from '@electric-sql/pglite'
import type { Connection } from '../postgres/connection.ts'
import type { Connections } from '../postgres/connections.ts'

/** PostgreSQL in this process, for tests where there is no server: one connection, shared by all stores on it. */
export interface Embedded {
  /** Connections of a store whose tables are in this schema. */
  connections(schema: string): Connections
  end(): Promise<void>
}

const INT8 = 20

export async function startEmbedded(): Promise<Embedded> {
  const database = await PGlite.create({ parsers: { [INT8]: Number } })
  let last: Promise<unknown> = Promise.resolve()
  /** Nobody else is in between. */
  const alone = <T>(work: () => Promise<T>): Promise<T> => {
    const result = last.then(work)
    last = result.catch(() => {})
    return result
  }
  const plain: Connection = {
    async query(text, values = []) {
      const { rows, affectedRows } = await database.query(text, [...values])
      return { rows, count: affectedRows === undefined || affectedRows === 0 ? rows.length : affectedRows }
    },
    async script(text) {
      await database.exec(text)
    },
  }
  return {
    connections(schema) {
      const enter = () => database.exec(`set search_path = "${schema}"`)
      return {
        writer: async () => transactions(plain, alone, enter),
        dropWriter: async () => {},
        reader: {
          query: (text, values) =>
            alone(async () => {
              await enter()
              return plain.query(text, values)
            }),
          script: (text) => alone(() => plain.script(text)),
        },
        listen(heard) {
          const listening = database.listen(`sluice_${schema}`, heard).then((end) => {
            heard(null)
            return end
          })
          return { end: async () => (await listening)() }
        },
        close: async () => {},
      }
    },
    end: () => database.close(),
  }
}

/** The one connection, kept from `begin` to the end of the transaction. */
function transactions(
  plain: Connection,
  alone: <T>(work: () => Promise<T>) => Promise<T>,
  enter: () => Promise<unknown>,
) {
  let release: (() => void) | undefined
  const take = async (): Promise<void> => {
    await new Promise<void>((taken) => {
      void alone(() => {
        taken()
        return new Promise<void>((resolve) => (release = resolve))
      })
    })
    await enter()
  }
  let before: Promise<unknown> = Promise.resolve()
  const inOrder = <T>(work: () => Promise<T>): Promise<T> => {
    const result = before.then(work)
    before = result.catch(() => {})
    return result
  }
  const during = async <T>(text: string, send: () => Promise<T>): Promise<T> => {
    const isBegin = text === 'begin'
    const isSingle = release === undefined && !isBegin
    if (release === undefined) await take()
    try {
      return await send()
    } finally {
      if (isSingle || text === 'commit' || text === 'rollback') {
        release!()
        release = undefined
      }
    }
  }
  const connection: Connection = {
    query: (text, values) => inOrder(() => during(text, () => plain.query(text, values))),
    script: (text) => inOrder(() => during(text, () => plain.script(text))),
  }
  return connection
}
