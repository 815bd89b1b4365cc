import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { socketChannel } from '@sluice/api/workers'
import { SluiceError } from '@sluice/core'
import {
  type Change,
  type Channel,
  type Store,
  admitPass,
  openAssetStates,
  reapEvery,
  reapPass,
  redeliverPass,
  unseen,
} from '@sluice/engine'
import { WebSocketServer } from 'ws'
import { noticePass, sendPass } from './alerts/alert-passes.ts'
import { type Backups, openBackupPass } from './backups/backup-pass.ts'
import { openBackfillPass } from './backfills/backfill-pass.ts'
import { paramsFromCode } from './backfills/with-params.ts'
import { type Conditions, openConditions } from './conditions/condition-pass.ts'
import type { Context } from './context.ts'
import { isTold, openLive, runsWritten, watchedStore } from './events/live.ts'
import { openFreshnessPass } from './freshness/freshness-pass.ts'
import { openRetentionPass } from './history/retention-pass.ts'
import { createApp } from './http/app.ts'
import { type Access, checkBind, checkOrigin, checkPermission } from './http/guard.ts'
import { problemOf } from './http/problem.ts'
import { openLocations } from './locations/locations.ts'
import { type PacedPass, keepPassing } from './passes/pass.ts'
import { openCancelPass } from './runs/cancel-pass.ts'
import { launch } from './runs/launch.ts'
import { retryPass } from './runs/retry-pass.ts'
import { type Scheduler, openScheduler } from './schedules/schedule-pass.ts'
import { type Sensing, openSensing } from './sensors/sensor-pass.ts'
import { type Connection, openConnections } from './workers/connections.ts'

export interface ServerOptions {
  /** Closed by whoever opened it, after the server. One that others write to as well says when they have. */
  readonly store: Store & { listen?(heard: () => void): () => Promise<void>; readonly backups?: Backups }
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Default 4747; 0 for any that is free. */
  readonly port?: number
  /** Asked of every request; without one only this machine is served. */
  readonly token?: string | null
  /** Names besides this machine's that requests may come for. */
  readonly allowHosts?: readonly string[]
  /** Of this installation. */
  readonly version: string
  /** Where the built files of the web app are, asked at the first visit. Default: there is none. */
  readonly appFolder?: () => Promise<string>
  /** Milliseconds that a worker lasts without a beat. Default 20,000: a dead one is found within 30 s. */
  readonly lease?: number
  /**
   * What it does by itself. `queue`: only what runs need that somebody asked for: nothing starts by the clock, a sensor or
   * a condition, and nothing old is deleted. `nothing`: it answers. Default `everything`.
   */
  readonly does?: 'everything' | 'queue' | 'nothing'
  /** One line about what goes on. */
  readonly say: (level: 'info' | 'warn' | 'error', text: string) => void
}

export interface Server {
  readonly url: string
  readonly context: Context
  /** A worker that is reached otherwise than over the network: by the pipe to a child process. */
  connectWorker(channel: Channel): Connection
  launch(asked: Parameters<typeof launch>[1]): ReturnType<typeof launch>
  /** Answers what would come over the network; for a client in this process. */
  readonly fetch: typeof fetch
  /** Takes no new requests, lets passes end, and closes. */
  close(): Promise<void>
}

/** Where workers connect, below the API. */
export const workersPath = '/api/workers/connect'

/** What runs need that somebody asked for. */
const ofQueue: ReadonlySet<string> = new Set(['admit', 'reap', 'backfills', 'retries', 'cancel', 'redeliver'])

/** Commits after which somebody may have to be admitted. */
const moves = new Set<Change['change']>([
  'run.create',
  'run.deliver',
  'run.end',
  'run.requeue',
  'run.cancel',
  'slot.free',
  'worker.join',
  'worker.leave',
  'location.activate',
])

/** Commits after which schedules and sensors are other ones. */
const timed = new Set<Change['change']>([
  'schedule.put',
  'schedule.remove',
  'schedule.pause',
  'sensor.put',
  'sensor.remove',
  'sensor.pause',
])

/** Commits after which conditions are other ones. */
const conditioned = new Set<Change['change']>(['conditions.pause', 'location.activate'])

/**
 * Starts a server: HTTP, live events, workers' connections, and the passes that decide. It never loads user code.
 *
 * @throws SluiceError FORBIDDEN for another bind than this machine without a token; what listening fails with.
 */
export async function openServer(options: ServerOptions): Promise<Server> {
  const {
    host = '127.0.0.1',
    port = 4747,
    token = null,
    allowHosts = [],
    lease = 20_000,
    does = 'everything',
    say,
    version,
    appFolder = null,
  } = options
  checkBind(host, token)
  const now = (): number => Date.now()
  const live = openLive()
  const passes: {
    its?: ReturnType<typeof keepPassing>
    scheduler?: Scheduler
    sensing?: Sensing
    conditions?: Conditions
  } = {}
  const failed = (error: unknown): void => say('error', (error as Error).stack ?? String(error))

  let waking: NodeJS.Timeout | undefined
  const wakeBackfills = (): void => {
    waking = undefined
    passes.its?.wake('backfills')
  }
  const store = watchedStore(options.store, (changes) => {
    live.written(runsWritten(changes))
    if (isTold(changes)) live.wake()
    for (const change of changes) if (change.change === 'run.cancel') connections.cancel(change.run)
    if (changes.some(({ change }) => moves.has(change))) passes.its?.wake('admit')
    if (changes.some(({ change }) => change === 'backfill.create' || change === 'backfill.decide'))
      passes.its?.wake('backfills')
    // One that waits for its last run to end goes on at once; a thousand ends are one look.
    if (changes.some(({ change }) => change === 'run.end')) waking ??= setTimeout(wakeBackfills, 50).unref()
    if (changes.some(({ change }) => timed.has(change))) {
      passes.scheduler?.changed()
      passes.sensing?.changed()
    }
    if (changes.some(({ change }) => conditioned.has(change))) passes.conditions?.changed()
  })
  const locations = openLocations({ store, now })
  const connections = openConnections({
    store,
    now,
    lease,
    beat: Math.max(200, Math.floor(lease / 4)),
    wake: () => passes.its?.wake('admit'),
    async offered({ version: offer, activate }) {
      await locations.register(offer, null)
      if (activate) await locations.activate(offer.location, offer.version)
    },
    async problem({ location, problem }) {
      await locations.problem(location, problem)
      if (problem) say('warn', `"${location}" could not be loaded: ${problem.message}`)
    },
    failed,
  })
  const startedAt = now()
  const problems = new Map<string, string>()
  const context: Context = {
    store,
    now,
    connections,
    locations,
    live,
    states: openAssetStates(store),
    version,
    startedAt,
    problems: () => [...problems.values()],
  }

  const access: Access = { token, hosts: allowHosts.map((name) => name.toLowerCase()) }
  const app = createApp(context, { access, failed, appFolder })
  const listener = getRequestListener(app.fetch)
  const http = createServer((request, response) => void listener(request, response))
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024 * 1024 })
  http.on('upgrade', (request, socket, head) => {
    const headers = new Headers(
      Object.entries(request.headers).flatMap(([name, value]) =>
        typeof value === 'string' ? [[name, value] as [string, string]] : [],
      ),
    )
    try {
      checkOrigin(headers, access)
      checkPermission(headers, access, 'workers:join')
      if (new URL(request.url ?? '/', 'http://localhost').pathname !== workersPath) throw new Error('not found')
    } catch (error) {
      const { status, title } = problemOf(error)
      socket.end(`HTTP/1.1 ${status} ${title}\r\nconnection: close\r\n\r\n`)
      return
    }
    sockets.handleUpgrade(request, socket, head, (opened) => {
      connections.connect(socketChannel(opened))
    })
  })

  await new Promise<void>((resolve, reject) => {
    http.once('error', (error) => reject(cannotListen(error, host, port)))
    http.listen(port, host, () => {
      http.removeAllListeners('error')
      resolve()
    })
  })

  const scheduler = (passes.scheduler = openScheduler(context, say))
  const sensing = (passes.sensing = openSensing(context, say))
  const conditions = (passes.conditions = openConditions(context, say))
  const alerting = { store, locations, now, environment: process.env, say }
  let memory = unseen
  passes.its = keepPassing(
    (
      [
        {
          name: 'admit',
          every: 1_000,
          async pass() {
            const { want: wanted } = connections
            const admitted = await admitPass({ store, now: now(), wanted })
            return (await connections.claimPass()) + admitted
          },
        },
        {
          name: 'reap',
          every: reapEvery(lease),
          async pass() {
            const reaped = await reapPass({ store, now: now(), monotonic: performance.now(), lease, memory })
            memory = reaped.memory
            return reaped.reaped
          },
        },
        { name: 'schedules', every: () => scheduler.pause(), pass: () => scheduler.pass() },
        { name: 'sensors', every: 250, pass: () => sensing.pass() },
        { name: 'conditions', every: 500, pass: () => conditions.pass() },
        { name: 'freshness', every: 1_000, pass: openFreshnessPass({ store, locations, now }) },
        { name: 'backfills', every: 250, pass: openBackfillPass({ store, now, code: paramsFromCode(context), say }) },
        { name: 'retries', every: 1_000, pass: () => retryPass({ store, now }) },
        { name: 'notice', every: 1_000, pass: () => noticePass(alerting) },
        { name: 'alerts', every: 1_000, pass: () => sendPass(alerting) },
        { name: 'cancel', every: 1_000, pass: openCancelPass(store, (run) => connections.cancel(run)) },
        {
          name: 'backup',
          every: 15_000,
          pass: openBackupPass({ store, backups: options.store.backups, locations, now, say }),
        },
        { name: 'retention', every: 30_000, pass: openRetentionPass({ store, locations, now, say }) },
        { name: 'redeliver', every: 2_000, pass: () => redeliverPass({ store, now: now(), patience: 10_000 }) },
      ] satisfies PacedPass[]
    ).filter(({ name }) => does === 'everything' || (does === 'queue' && ofQueue.has(name))),
    (name, error) => {
      problems.set(name, `${name}: ${(error as Error).message}`)
      failed(error)
    },
    (name) => void problems.delete(name),
  )

  const stopListening = options.store.listen?.(() => {
    live.wake()
    passes.its?.wake('admit')
    passes.its?.wake('cancel')
  })

  const { address, port: bound } = http.address() as AddressInfo
  return {
    url: `http://${address.includes(':') ? `[${address}]` : address}:${bound}`,
    context,
    connectWorker: (channel) => connections.connect(channel),
    launch: (asked) => launch(context, asked),
    async fetch(input, init) {
      const request = new Request(input, init)
      request.headers.set('host', 'localhost')
      return await app.fetch(request)
    },
    async close() {
      await stopListening?.()
      await connections.close()
      sockets.close()
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
      await passes.its?.stop()
      await Promise.all([scheduler.stop(), sensing.stop(), conditions.stop()])
    },
  }
}

function cannotListen(error: Error & { code?: string }, host: string, port: number): Error {
  if (error.code === 'EADDRINUSE')
    return new SluiceError('CONFLICT', `Port ${port} of ${host} is taken: something else listens there.`, {
      hint: `Stop that, or take another: --port ${port + 1}, or --port 0 for any that is free.`,
    })
  return new SluiceError('USAGE', `The server cannot listen on port ${port} of ${host}: ${error.message}.`, {
    cause: error,
    hint: 'Give another: --port 4747, and --host 127.0.0.1 for this machine only.',
  })
}
