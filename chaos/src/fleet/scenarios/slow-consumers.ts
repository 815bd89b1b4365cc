import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { makeFleet, memoryOf } from '../fleet.ts'
import type { FleetScenario } from '../scenario.ts'
import { launched, over, verified } from '../verify-fleet.ts'

const sockets = 200

/** Clients of the event stream that never read. */
export const slowConsumers: FleetScenario = {
  name: 'slow-consumers',
  says: `${sockets} clients of the event stream never read`,
  protection: {
    name: 'stream-waits',
    guards: 'what a client has not taken stays in the store, not in memory',
    patches: [
      {
        file: 'server/src/events/stream.ts',
        find: /for \(const part of partsOf\(lines\)\) await stream\.write\(part\)/,
        put: `for (const line of lines) void stream.write(line + ': ' + 'x'.repeat(300_000) + '\\n\\n')`,
      },
    ],
    finds: /a client that never reads/,
  },
  async run({ options, scale }) {
    const fleet = makeFleet(options)
    try {
      const server = await fleet.startServer()
      await fleet.startWorker()
      const warm = await launched(fleet, 'parts', 5)
      await over(fleet, warm)
      const before = memoryOf(server.child.pid!)
      for (let nth = 0; nth < sockets; nth++) {
        const socket = connect(server.port, '127.0.0.1')
        socket.on('error', () => {})
        socket.write(`GET /api/events/stream?cursor=0 HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n\r\n`)
        socket.pause()
      }
      await wait(500)
      // Their events are large.
      await over(fleet, await launched(fleet, 'loud', 10))
      const runs = await launched(fleet, 'parts', Math.max(3, Math.round(20 * scale)), 5)
      await over(fleet, runs)
      const each = (memoryOf(server.child.pid!) - before) / sockets / 1024 / 1024
      const breaches = each > 1 ? [`each costs ${each.toFixed(2)} MB`] : []
      return {
        verdicts: [
          ...(await verified(fleet, [...warm, ...runs])),
          { what: 'a client that never reads costs 1 MB at most', breaches },
        ],
        counted: `${sockets} clients, ${each.toFixed(2)} MB each`,
      }
    } finally {
      fleet.close()
    }
  },
}
