import { setTimeout as wait } from 'node:timers/promises'
import { aDatabase } from '../databases.ts'
import { makeFleet, patient, until } from '../fleet.ts'
import type { FleetScenario } from '../scenario.ts'
import { launched, over, verified } from '../verify-fleet.ts'

/** Transactions that began early commit late, while readers page by their cursors: none misses an event, or gets one twice. */
export const lateCommits: FleetScenario = {
  name: 'late-commits',
  says: 'events are committed in another order than they were written, while readers follow',
  protection: {
    name: 'numbered-when-committed',
    guards: 'an event gets its number after every lower one is committed',
    patches: [
      {
        file: 'storage/migrations/postgres/0001-first.sql',
        find: /create table events \(\n {2}placed bigint generated always as identity primary key,\n {2}id bigint unique,/,
        put: `create sequence event_numbers;\ncreate table events (\n  placed bigint generated always as identity primary key,\n  id bigint unique default nextval('event_numbers'),`,
      },
      {
        file: 'storage/migrations/postgres/0001-first.sql',
        find: /create sequence event_numbers owned by events\.id;/,
        put: '',
      },
    ],
    finds: /no reader misses an event/,
  },
  async run({ options, random, scale }) {
    const database = await aDatabase()
    const fleet = makeFleet({ ...options, store: database.url })
    const seen = { pages: [] as string[], stream: [] as string[] }
    const stop = new AbortController()
    try {
      await fleet.startServer()
      await fleet.startServer()
      await fleet.startWorker()
      const runs = await launched(fleet, 'parts', Math.max(3, Math.round(20 * scale)))
      const paging = pages(seen.pages)
      const following = stream(seen.stream)
      const wrote: string[] = []
      const writers = await Promise.all([0, 1, 2, 3].map(() => database.connect()))
      const rounds = Math.max(5, Math.round(30 * scale))
      await Promise.all(
        writers.map(async (writer, nth) => {
          for (let round = 0; round < rounds; round++) {
            const names = Array.from({ length: 5 }, (_, at) => `late ${nth}.${round}.${at}`)
            await writer.query('begin')
            for (const name of names)
              await writer.query(`insert into events (type, at, run, data) values ('run.created', 1, $1, 'null')`, [
                name,
              ])
            await wait(random() * 200)
            await writer.query('commit')
            wrote.push(...names)
          }
        }),
      )
      await over(fleet, runs)
      const have = (): boolean => wrote.every((name) => seen.pages.includes(name) && seen.stream.includes(name))
      await until('both readers have all', have, 10_000).catch(() => {})
      stop.abort()
      await Promise.allSettled([paging, following])
      const breaches = Object.entries(seen).flatMap(([reader, names]) =>
        wrote.flatMap((name) => {
          const times = names.filter((other) => other === name).length
          return times === 1 ? [] : [`the reader of ${reader} had "${name}" ${times} times`]
        }),
      )
      const verdicts = (await verified(fleet, runs)).filter(({ what }) => what !== 'the store')
      return {
        verdicts: [...verdicts, { what: 'no reader misses an event', breaches }],
        counted: `${wrote.length} events of ${rounds * writers.length} transactions that overlap`,
      }
    } finally {
      stop.abort()
      fleet.close()
      await database.close()
    }

    /** By pages of the one server. */
    async function pages(into: string[]): Promise<void> {
      for (let cursor = '0'; !stop.signal.aborted; await wait(5)) {
        const { events, next } = await patient(() => fleet.client(0).events.list({ cursor, limit: 50 }))
        into.push(...events.map(({ run }) => run ?? ''))
        cursor = next
      }
    }

    /** By the stream of the other, which breaks again and again. */
    async function stream(into: string[]): Promise<void> {
      for (let after = '0'; !stop.signal.aborted;) {
        try {
          const { body } = await fetch(`${fleet.urlOf(1)}/api/events/stream`, {
            headers: { 'last-event-id': after },
            signal: AbortSignal.any([stop.signal, AbortSignal.timeout(Math.round(300 + random() * 700))]),
          })
          let text = ''
          for await (const chunk of body!.pipeThrough(new TextDecoderStream())) {
            const blocks = (text + chunk).split('\n\n')
            text = blocks.pop()!
            for (const block of blocks) {
              const data = /^data: (\{.*\})$/m.exec(block)?.[1]
              if (data) into.push((JSON.parse(data) as { run: string | null }).run ?? '')
              after = /^id: (\d+)$/m.exec(block)?.[1] ?? after
            }
          }
        } catch {
          // Broken off, on purpose.
        }
      }
    }
  },
}
