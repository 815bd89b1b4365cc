import pg from 'pg'
import { addressOf } from '../postgres/address.ts'
import { openConnections, type Connections } from '../postgres/connections.ts'
import { urlOf } from '../testing.ts'
import { startEmbedded } from './pglite.ts'

/** A PostgreSQL that tests may make schemas in. */
export interface Databases {
  connections(schema: string): Connections
  drop(schema: string): Promise<void>
  end(): Promise<void>
}

export async function onServer(address: string): Promise<Databases> {
  const admin = new pg.Client({ connectionString: address })
  await admin.connect()
  return {
    connections: (schema) => openConnections(addressOf(urlOf(schema, address))),
    async drop(schema) {
      await admin.query(`drop schema if exists "${schema}" cascade`)
    },
    end: () => admin.end(),
  }
}

export async function embedded(): Promise<Databases> {
  const its = await startEmbedded()
  return {
    connections: (schema) => its.connections(schema),
    drop: async (schema) => its.connections(schema).reader.script(`drop schema if exists "${schema}" cascade`),
    end: () => its.end(),
  }
}
