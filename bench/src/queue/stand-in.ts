import { type FromWorker, type ToWorker, protocolVersion } from '@sluice/api/workers'
import type { Run } from '@sluice/core'
import { type Channel, connectStore } from '@sluice/engine/store'

/** Whose code the runs of these benchmarks need. */
export const location = 'bench'
export const version = '6f2c1b7a90de'

const snapshot = { flows: [], tasks: [], jobs: [], assets: [], schedules: [], sensors: [], resources: [], limits: [] }

export interface StandIn {
  close(): void
}

/**
 * Speaks the protocol of a worker over a websocket and ends each run as soon as it gets it, by the store's own change: what
 * is measured is the queue, and no process of user code. `started` is called with each run, `ended` when its end is on
 * disk.
 */
export function standIn(
  url: string,
  { pool, slots }: { readonly pool: string; readonly slots: number },
  heard: { started(run: Run): void; ended(run: Run): void },
): Promise<StandIn> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/workers/connect`)
  const send = (message: FromWorker): void => socket.send(JSON.stringify(message))
  const frames = new Map<string, (frame: unknown) => void>()
  const { promise, resolve, reject } = Promise.withResolvers<StandIn>()
  let beating: NodeJS.Timeout | undefined
  let seq = 0

  const execute = async (run: Run): Promise<void> => {
    heard.started(run)
    const { id, epoch } = run
    const channel: Channel = {
      send: (frame) => send({ message: 'store', run: id, epoch, frame }),
      listen: (to) => void frames.set(id, to),
      onClose: () => {},
      close: () => {},
    }
    const state = 'succeeded'
    const end = { change: 'run.end', run: id, epoch, state, error: null, result: null, at: Date.now() } as const
    const [answer] = await connectStore(channel).commit([end])
    if (!answer?.ok) throw new Error(`The end of ${id} was refused: ${answer?.code}.`)
    frames.delete(id)
    heard.ended(run)
    send({ message: 'done', seq: ++seq, run: id, epoch, outcome: { how: 'ended', state } })
  }

  socket.addEventListener('open', () => {
    const machine = { host: 'bench', pid: process.pid, node: process.versions.node, sluice: '' }
    const worker = { name: `stand-in-${pool}`, pool, slots, machine }
    send({ message: 'hello', protocol: protocolVersion, worker, session: null, held: [], fetches: false })
  })
  socket.addEventListener('message', ({ data }) => {
    const said = JSON.parse(String(data)) as ToWorker
    if (said.message === 'welcome') {
      beating = setInterval(() => send({ message: 'beat', draining: false, held: [] }), said.terms.beat)
      const offer = { location, version, snapshot, entries: [], git: null }
      send({ message: 'offer', version: offer, activate: true })
      resolve({
        close() {
          clearInterval(beating)
          socket.close()
        },
      })
    } else if (said.message === 'refused') reject(new Error(said.error.message))
    else if (said.message === 'store') frames.get(said.run)?.(said.frame)
    else if (said.message === 'start') execute(said.run).catch(reject)
  })
  socket.addEventListener('error', () => reject(new Error(`No worker could connect to ${url}.`)))
  return promise
}
