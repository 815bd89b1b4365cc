import { connect, createServer, type Socket } from 'node:net'

export interface DroppingProxy {
  readonly port: number
  /** How many answers were dropped, with their connections. */
  readonly dropped: number
  close(): void
}

// https://www.postgresql.org/docs/current/protocol-message-formats.html
/** CommandComplete of a COMMIT. */
const committed = Buffer.from('C\0\0\0\u000bCOMMIT\0', 'latin1')
/** Parse of the statement that records steps and is a transaction by itself: its name. */
const recording = /P[^]{4}(sluice_\d+)\0[^\0]*insert into steps/

/**
 * Stands between a server and its database, and drops answers to what commits, with the connection: what was committed
 * is, and who asked does not know. `drops` is asked for each.
 */
export async function droppingProxy(to: number, drops: () => boolean): Promise<DroppingProxy> {
  let dropped = 0
  const open = new Set<Socket>()
  const server = createServer((client) => {
    const database = connect(to, '127.0.0.1')
    for (const socket of [client, database]) {
      open.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        open.delete(socket)
        client.destroy()
        database.destroy()
      })
    }
    let record = ''
    let isRecording = false
    client.on('data', (asked: Buffer) => {
      record = recording.exec(asked.toString('latin1'))?.[1] ?? record
      isRecording = record !== '' && asked.includes(`\0${record}\0`)
      database.write(asked)
    })
    database.on('data', (answer: Buffer) => {
      if ((isRecording || answer.includes(committed)) && drops()) {
        dropped++
        client.destroy()
        database.destroy()
      } else client.write(answer)
      isRecording = false
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as { port: number }).port,
    get dropped() {
      return dropped
    },
    close() {
      server.close()
      for (const socket of open) socket.destroy()
    },
  }
}
