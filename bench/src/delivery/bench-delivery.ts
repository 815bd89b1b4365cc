import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { type Candidate, type Change, type Store, admitPass } from '@sluice/engine'
import { create, terms } from '@sluice/engine/rows'
import { openPostgres } from '@sluice/storage/postgres'
import pg from 'pg'
import { openDisk } from '../disk.ts'
import { openFigures } from '../figures.ts'
import { percentile, printed } from '../serving/printed.ts'
import type { StepsOptions } from '../steps/bench-steps.ts'
import { type Delivery, throughBoss, throughTables } from './deliveries.ts'
import { type Watched, watchStatements } from './statements.ts'

const say = (line: string): void => void process.stderr.write(`${line}\n`)
const SLOTS = 4
const chunks = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, nth) => all.slice(nth * size, (nth + 1) * size))

interface World {
  readonly store: Store
  readonly delivery: Delivery
  readonly pools: readonly string[]
  /** A run more, and its pool. */
  add(): { readonly change: Change; readonly pool: string }
  /** Cancels what waits. */
  empty(): Promise<void>
  close(): Promise<void>
}

/** How admitted runs get to workers on PostgreSQL: by our own rows, or by pg-boss in the same transactions. */
export async function benchDelivery(options: StepsOptions): Promise<void> {
  const { smoke, postgres: url } = options
  if (!url) throw new Error('--postgres URL, or SLUICE_BENCH_POSTGRES, names the database.')
  const disk = openDisk(options.folder)
  const figures = openFigures()
  const watched = watchStatements()
  try {
    // In turn, so that what else the machine does falls on both; one at a time, as pg-boss works by itself.
    for (let n = 0; n < (smoke ? 1 : 3); n++)
      for (const kind of ['tables', 'pg_boss'] as const) {
        const world = await openWorld(kind, url, smoke ? 5 : 50, watched)
        const add = (name: string, unit: string, value: number): void =>
          figures.add(`delivery.${kind}_${name}`, unit, value)
        try {
          say(`${kind}, round ${n + 1}: runs are queued`)
          for (let some = 0; some < (smoke ? 2 : 20); some++)
            await world.store.commit(Array.from({ length: smoke ? 50 : 500 }, () => world.add().change))
          say('  some of them are taken')
          const { seconds, statements, did } = await drain(world, smoke ? 40 : 1_000, watched)
          add('runs_per_s', 'runs/s', did / seconds)
          add('statements_per_run', '', statements / did)
          await world.empty()
          say('  one at a time')
          const took = await oneByOne(world, smoke ? 20 : 100)
          add('launch_to_claim_p50_ms', 'ms', percentile(took, 0.5))
          add('launch_to_claim_p95_ms', 'ms', percentile(took, 0.95))
          add('idle_statements_per_s', '1/s', await idle(world, smoke ? 5 : 10, watched))
          add('lost_hint_back_ms', 'ms', await lost(world))
        } finally {
          await world.close()
        }
      }
    // The stores are called in this process, from source.
    printed('delivery', figures, disk, { built: false }, options.json)
  } finally {
    disk.close()
  }
}

async function openWorld(kind: 'tables' | 'pg_boss', url: string, count: number, watched: Watched): Promise<World> {
  const schema = `bench_${randomBytes(4).toString('hex')}`
  const address = new URL(url)
  address.searchParams.set('schema', schema)
  const store = await openPostgres(address.href)
  const pools = Array.from({ length: count }, (_, nth) => `p${nth}`)
  const poolOf = new Map<string, string>()
  await store.commit([
    { change: 'location.register', version: { ...version, location: 'main', version: 'v1' } },
    { change: 'location.activate', location: 'main', version: 'v1', at: 1 },
    ...pools.map((pool): Change => ({
      change: 'worker.join',
      worker: { ...worker, id: `w-${pool}`, pool },
      lease: 3_600_000,
    })),
  ])
  const candidate = (run: string): Candidate | null => {
    const pool = poolOf.get(run)
    const rest = { epoch: 0, priority: 0, job: 'sync', location: 'main', codeVersion: null }
    return pool === undefined ? null : { run, pool, ...rest }
  }
  const delivery =
    kind === 'tables'
      ? throughTables(store)
      : await throughBoss({ url, schema: `${schema}_boss`, pools, watched, candidate })
  return {
    store,
    delivery,
    pools,
    add() {
      const pool = pools[poolOf.size % pools.length]!
      const id = `r${kind}${String(poolOf.size).padStart(12, '0')}`
      poolOf.set(id, pool)
      return { change: waiting(id, pool), pool }
    },
    async empty() {
      for (const runs of chunks([...poolOf.keys()], 1000))
        await store.commit(runs.map((run) => ({ change: 'run.cancel', run, at: Date.now() })))
    },
    async close() {
      await delivery.close()
      await store.close()
      const admin = new pg.Client({ connectionString: url })
      await admin.connect()
      await admin.query(`drop schema "${schema}" cascade; drop schema if exists "${schema}_boss" cascade`)
      await admin.end()
    },
  }
}

/** Of the runs that wait in all pools workers take as many as they have slots for, and each ends at once. */
async function drain({ store, delivery, pools }: World, count: number, watched: Watched) {
  watched.reset()
  const began = performance.now()
  let done = 0
  for (;;) {
    const admitted = await admitPass({ store, now: Date.now() })
    const ends: Change[] = []
    for (const pool of pools) ends.push(...(await claim(store, delivery, pool)))
    await store.commit(ends)
    done += ends.length
    if (done >= count || admitted === 0) break
  }
  const seconds = (performance.now() - began) / 1000
  return { seconds, did: done, statements: watched.count() }
}

/** Takes what was delivered to a pool; gives the changes that end what it took. */
async function claim(store: Store, delivery: Delivery, pool: string): Promise<Change[]> {
  const delivered = await delivery.fetch(pool, SLOTS)
  if (delivered.length === 0) return []
  const at = Date.now()
  const answers = await store.commit(
    delivered.map(({ run, epoch }) => ({
      change: 'run.claim',
      run,
      from: epoch,
      owner: `w-${pool}`,
      at,
      codeVersion: 'v1',
    })),
  )
  return delivered.flatMap(({ run, epoch }, nth): Change[] =>
    answers[nth]!.ok
      ? [{ change: 'run.end', run, epoch: epoch + 1, state: 'succeeded', error: null, result: null, at }]
      : [],
  )
}

/** From the launch of a run in an idle installation to its claim, with nothing between them but what has to be done. */
async function oneByOne({ add, store, delivery }: World, count: number): Promise<number[]> {
  const took: number[] = []
  for (let n = 0; n < count; n++) {
    const { change, pool } = add()
    const began = performance.now()
    await store.commit([change])
    await admitPass({ store, now: Date.now() })
    const ends = await claim(store, delivery, pool)
    took.push(performance.now() - began)
    if (ends.length !== 1) throw new Error(`${ends.length} runs were claimed, not one.`)
    await store.commit(ends)
  }
  return took
}

/** Statements a second of a server with nothing to do: it looks for runs to admit, and at each pool, every second. */
async function idle({ store, delivery, pools }: World, seconds: number, watched: Watched): Promise<number> {
  watched.reset()
  const began = performance.now()
  for (let second = 0; second < seconds; second++) {
    await admitPass({ store, now: Date.now() })
    for (const pool of pools) await delivery.fetch(pool, SLOTS)
    if (second % 2 === 0) await delivery.upkeep?.()
    await wait(Math.max(0, began + (second + 1) * 1000 - performance.now()))
  }
  return watched.count() / ((performance.now() - began) / 1000)
}

/** A server is killed between its look and its claim: until another gets the run, which looks every second. */
async function lost({ add, store, delivery }: World): Promise<number> {
  const { change, pool } = add()
  await store.commit([change])
  await admitPass({ store, now: Date.now() })
  if ((await delivery.fetch(pool, SLOTS)).length !== 1) throw new Error('The run was not delivered.')
  const began = performance.now()
  for (;;) {
    await wait(1_000)
    const ends = await claim(store, delivery, pool)
    if (ends.length === 0) continue
    await store.commit(ends)
    return performance.now() - began
  }
}

const waiting = (id: string, pool: string): Change => create(id, { terms: terms({ pool }), createdAt: Date.now() })

const worker = {
  name: 'bench',
  slots: SLOTS,
  draining: false,
  versions: { main: ['v1'] },
  machine: { host: 'bench', pid: 1, node: process.versions.node, sluice: '0' },
}
const version = {
  snapshot: {
    flows: [],
    tasks: [],
    jobs: [],
    assets: [],
    schedules: [],
    sensors: [],
    resources: [],
    limits: [],
  } as never,
  entries: ['flows.ts'],
  git: null,
  bundle: null,
  createdAt: 1,
}
