import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Change } from '@sluice/engine/store'
import { aStep, create, record } from '@sluice/engine/rows'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { openPostgres, type SharedStore } from '../postgres.ts'
import { migrationsOf } from '../migrate.ts'
import { aDatabase, server } from '../testing.ts'

const claim = (run: string, from = 0, owner = 'o1'): Change => ({
  change: 'run.claim',
  run,
  from,
  owner,
  at: 1,
  codeVersion: null,
})
const line = (run: string, message: string): Change => ({
  change: 'log.add',
  epoch: 1,
  run,
  lines: [{ id: 0, run, step: 0, attempt: 1, at: 1, level: 'info', message, data: null }],
})

describe.runIf(server !== undefined)('a store that processes share', () => {
  let database: Awaited<ReturnType<typeof aDatabase>>
  let schema: string
  let url: string
  let sql: pg.Client
  const opened: SharedStore[] = []

  const open = async (at = url, patience = 10_000): Promise<SharedStore> => {
    const store = await openPostgres(at, { patience })
    opened.push(store)
    return store
  }
  beforeEach(async () => {
    database = await aDatabase()
    ;({ url, sql } = database)
    schema = new URL(url).searchParams.get('schema')!
  })
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((store) => store.close()))
    await database.drop()
  })

  describe('events', () => {
    test('a cursor misses nothing that is committed out of order', async () => {
      const store = await open()
      const other = new pg.Client({ connectionString: server!, options: `-c search_path=${schema}` })
      await other.connect()
      const add = `insert into events (type, at, data) values ('run.warning', 1, 'null') returning placed`
      await sql.query('begin')
      const { rows: early } = await sql.query<{ placed: string }>(add)
      const { rows: late } = await other.query<{ placed: string }>(add) // placed behind it, committed before it
      expect(Number(late[0]!.placed)).toBeGreaterThan(Number(early[0]!.placed))
      const before = await store.events.list({})
      expect(before).toHaveLength(1)
      await sql.query('commit')
      const after = await store.events.list({ after: before[0]!.id })
      expect(after).toHaveLength(1)
      expect(after[0]!.id).toBeGreaterThan(before[0]!.id)
      expect(await store.events.last()).toBe(after[0]!.id)
      await other.end()
    })

    test('many writers, a reader that pages meanwhile: every event once, in order', async () => {
      const [a, b, reader] = await Promise.all([open(), open(), open()])
      const seen: number[] = []
      let done = false
      const reading = (async () => {
        for (;;) {
          const isLast = done
          const events = await reader.events.list({ after: seen.at(-1) ?? 0, limit: 50 })
          seen.push(...events.map(({ id }) => id))
          if (isLast && events.length === 0) return
        }
      })()
      await Promise.all(
        Array.from({ length: 100 }, (_, nth) => (nth % 2 ? a : b).commit([create(`r${nth}`), claim(`r${nth}`)])),
      )
      done = true
      await reading
      expect(seen).toHaveLength(200)
      expect(seen.every((id, nth) => nth === 0 || id > seen[nth - 1]!)).toBe(true)
      const { rows } = await sql.query<{ count: string }>('select count(distinct id) as count from events')
      expect(Number(rows[0]!.count)).toBe(200)
    })

    test('who listens hears of what another process committed', async () => {
      const [writer, reader] = await Promise.all([open(), open()])
      const heard = vi.fn<() => void>()
      const end = reader.listen(heard)
      await vi.waitFor(() => expect(heard).toHaveBeenCalled()) // it listens now
      heard.mockClear()
      await writer.commit([create('r1')])
      await vi.waitFor(() => expect(heard).toHaveBeenCalled())
      // Of its own it knows: words come in their order, and only the second one of these is another's.
      heard.mockClear()
      let words = 0
      sql.on('notification', () => (words += 1))
      await sql.query(`listen "sluice_${schema}"`)
      await reader.commit([create('own')])
      await vi.waitFor(() => expect(words).toBe(1))
      await writer.commit([create('another')])
      await vi.waitFor(() => expect(words).toBe(2))
      await vi.waitFor(() => expect(heard).toHaveBeenCalledOnce())
      await end()
      heard.mockClear()
      await writer.commit([create('r2')])
      expect(await reader.events.list({})).toHaveLength(4)
      expect(heard).not.toHaveBeenCalled()
    })

    test('who listens hears again after its connection was lost', async () => {
      const [writer, reader] = await Promise.all([open(), open()])
      const heard = vi.fn<() => void>()
      reader.listen(heard)
      await vi.waitFor(() => expect(heard).toHaveBeenCalled())
      heard.mockClear()
      await sql.query(`select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen %${schema}%'`)
      await vi.waitFor(() => expect(heard).toHaveBeenCalled(), 5_000)
      heard.mockClear()
      await writer.commit([create('r1')])
      await vi.waitFor(() => expect(heard).toHaveBeenCalled())
    })
  })

  describe('writers at once', () => {
    test('of claims in two processes one wins, and the other can write nothing', async () => {
      const [a, b] = await Promise.all([open(), open()])
      const runs = Array.from({ length: 50 }, (_, nth) => `r${nth}`)
      await a.commit(runs.map((run) => create(run)))
      const [byA, byB] = await Promise.all([
        a.commit(runs.map((run) => claim(run, 0, 'a'))),
        b.commit(runs.toReversed().map((run) => claim(run, 0, 'b'))),
      ])
      for (const [nth, run] of runs.entries()) {
        const [first, second] = [byA[nth]!.ok, byB[runs.length - 1 - nth]!.ok]
        expect(first).toBe(!second)
        expect(await a.runs.get(run)).toMatchObject({ epoch: 1, owner: first ? 'a' : 'b' })
      }
    })

    test('an asset that two processes make at once is counted right, and its newest record is the newest', async () => {
      const stores = await Promise.all([open(), open(), open()])
      const runs = ['r0', 'r1', 'r2']
      await stores[0].commit(runs.flatMap((run) => [create(run), claim(run)]))
      const made = (run: string, step: number): Change => ({
        change: 'asset.record',
        epoch: 1,
        materialization: {
          id: 0,
          kind: 'materialization',
          asset: `a${step % 3}`,
          partition: `p${step}`,
          run,
          step,
          attempt: 1,
          at: 1,
          value: { inline: '1' },
          dataVersion: 'v',
          codeVersion: null,
          inputVersions: {},
          metadata: {},
        },
      })
      await Promise.all(
        stores.flatMap((store, nth) =>
          Array.from({ length: 30 }, (_, step) => store.commit([made(runs[nth]!, step + 1)])),
        ),
      )
      const summary = await stores[0].assets.summary()
      expect(summary.map(({ count, partitions }) => [count, partitions])).toEqual(Array(3).fill([30, 10]))
      const { rows } = await sql.query(`select asset from assets where latest <> (
          select max(id) from materializations where materializations.asset = assets.asset)
        union select asset from slices where materialization <> (select max(id) from materializations as made
          where made.asset = slices.asset and made.partition = slices.partition)`)
      expect(rows).toEqual([])
    })

    test('a limit holds over two processes', async () => {
      const stores = await Promise.all([open(), open()])
      const terms = {
        location: 'main',
        pool: 'p',
        priority: 0,
        maxDuration: null,
        memory: null,
        maxResumes: 3,
      } as const
      const limits = [{ name: 'db', key: null, options: { atOnce: 3 } }] as const
      const runs = Array.from({ length: 40 }, (_, nth) => `r${nth}`)
      await stores[0].commit(runs.map((run) => create(run, { terms: { ...terms, limits, onCodeChange: 'resume' } })))
      await Promise.all(
        runs.map((run, nth) =>
          stores[nth % 2]!.commit([{ change: 'run.deliver', run, epoch: 0, capacity: 100, at: 1 }]),
        ),
      )
      expect(await stores[0].slots.held({ name: 'db' })).toHaveLength(3)
      const started = await stores[0].runs.list({ states: ['starting'], limit: 100 })
      expect(started).toHaveLength(3)
      // One after the other, wherever it ends: never more than three, until all had their turn.
      let ended = 0
      for (;;) {
        const active = await stores[1].runs.list({ states: ['starting'], limit: 100 })
        if (active.length === 0) break
        expect(active.length).toBeLessThanOrEqual(3)
        await Promise.all(
          active.map(async ({ id }, nth) => {
            const end = { change: 'run.end', run: id, epoch: 1, state: 'succeeded', error: null, result: null, at: 2 }
            await stores[nth % 2]!.commit([claim(id), end as Change])
            ended += 1
          }),
        )
        const next = await stores[0].queue.next('p', 10)
        await Promise.all(
          next.map(({ run }, nth) =>
            stores[nth % 2]!.commit([{ change: 'run.deliver', run, epoch: 0, capacity: 100, at: 3 }]),
          ),
        )
      }
      expect(ended).toBe(40)
      expect(await stores[0].slots.summary()).toEqual([])
    })
  })

  describe('a connection that is lost', () => {
    const cut = () =>
      sql.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and application_name = $1',
        [`cut ${schema}`],
      )
    const fragile = (): string => `${url}&application_name=${encodeURIComponent(`cut ${schema}`)}`

    test('writes and reads go on over another one', async () => {
      const store = await open(fragile())
      await store.commit([create('r1'), claim('r1')])
      for (let step = 1; step <= 20; step++) {
        const [committed] = await Promise.all([
          store.commit([record(aStep('r1', step)), line('r1', String(step))]),
          store.steps.list('r1'),
          step % 4 === 0 ? cut() : null,
        ])
        expect(committed).toEqual([{ ok: true }, { ok: true }])
      }
      expect((await store.steps.list('r1')).map(({ step }) => step)).toEqual(
        Array.from({ length: 20 }, (_, n) => n + 1),
      )
      expect((await store.logs.list({ run: 'r1' })).map(({ message }) => Number(message))).toEqual(
        Array.from({ length: 20 }, (_, n) => n + 1),
      )
    })

    test('a commit whose answer was lost is asked after, not done again', async () => {
      const proxy = await openProxy(server!)
      const store = await open(proxy.url(url))
      await store.commit([create('r1'), claim('r1')])
      for (let nth = 1; nth <= 5; nth++) {
        proxy.loseAnswerOf('commit')
        expect(await store.commit([line('r1', String(nth))])).toEqual([{ ok: true }])
      }
      expect(proxy.lost()).toBe(5)
      // A line has no identity: sending it again would add it again.
      expect((await store.logs.list({ run: 'r1' })).map(({ message }) => message)).toEqual(['1', '2', '3', '4', '5'])
      await store.close()
      opened.pop()
      await proxy.close()
    })

    test('a database that cannot be reached is an error without a secret, after patience', async () => {
      const at = new URL(url)
      at.password = 'hush'
      at.port = '1'
      const error = await openPostgres(at.href, { connectPatience: 0 }).catch((reason: unknown) => reason)
      expect(error).toMatchObject({ code: 'STORE_UNREACHABLE', retryable: true })
      expect(`${(error as Error).message} ${(error as Error).stack} ${JSON.stringify(error)}`).not.toContain('hush')
      const proxy = await openProxy(server!)
      const store = await open(proxy.url(url), 300)
      await store.commit([create('r1')])
      await proxy.close()
      await expect(store.commit([create('r2')])).rejects.toMatchObject({ code: 'STORE_UNREACHABLE', retryable: true })
      await expect(store.runs.get('r1')).rejects.toMatchObject({ code: 'STORE_UNREACHABLE', retryable: true })
    })
  })

  describe('opening', () => {
    test('many at once make the schema once', async () => {
      const stores = await Promise.all(Array.from({ length: 5 }, () => open()))
      await stores[0]!.commit([create('r1')])
      expect((await stores[4]!.runs.get('r1'))?.id).toBe('r1')
      const { rows } = await sql.query<{ name: string }>('select name from migrations order by version')
      expect(rows.map(({ name }) => name)).toEqual(migrationsOf('postgres').map(({ name }) => name))
    })

    test('a newer schema, and one of another program, are refused', async () => {
      await (await openPostgres(url)).close()
      await sql.query(`insert into migrations values (99, 'later', '', 1)`)
      await expect(openPostgres(url)).rejects.toMatchObject({ code: 'STORE_TOO_NEW' })
      await sql.query('drop table migrations')
      await expect(openPostgres(url)).rejects.toMatchObject({ code: 'STORE_CORRUPT' })
    })

    test('what is no address is refused, and not repeated', async () => {
      const error = await openPostgres('postgres://me:hush@:::/x').catch((reason: unknown) => reason)
      expect(error).toMatchObject({ code: 'CONFIG_INVALID' })
      expect((error as Error).message).not.toContain('hush')
      await expect(openPostgres(`${server!}?schema=A;drop`)).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    })

    test('text with NUL in it is kept in a log line, and refused where it names something', async () => {
      const store = await open()
      await store.commit([create('r1'), claim('r1'), line('r1', 'a\0b')])
      expect((await store.logs.list({ run: 'r1' })).map(({ message }) => message)).toEqual(['a\u{FFFD}b'])
      await expect(store.commit([create('r\0')])).rejects.toMatchObject({ code: 'STORE_FAILED' })
    })
  })
})

/** Passes everything on, but closes both ends instead of passing on the answer to a statement, once it is told to. */
async function openProxy(address: string) {
  const { hostname, port } = new URL(address)
  const sockets = new Set<Socket>()
  let statement: string | null = null
  let lost = 0
  const proxy = createServer((client) => {
    const upstream = connect(Number(port), hostname)
    let isDoomed = false
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket
        .on('error', () => {})
        .on('close', () => {
          client.destroy()
          upstream.destroy()
        })
    }
    client.on('data', (data) => {
      if (statement !== null && data.includes(statement)) {
        statement = null
        isDoomed = true
      }
      upstream.write(data)
    })
    upstream.on('data', (data) => {
      if (!isDoomed) return client.write(data)
      lost += 1
      return client.destroy()
    })
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  return {
    url(of: string): string {
      const its = new URL(of)
      its.hostname = '127.0.0.1'
      its.port = String((proxy.address() as AddressInfo).port)
      return its.href
    },
    /** Of the next statement with this text. */
    loseAnswerOf(text: string) {
      statement = text
    },
    lost: () => lost,
    async close() {
      const closed = once(proxy, 'close')
      proxy.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
