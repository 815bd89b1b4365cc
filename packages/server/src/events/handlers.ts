import type { HandlersOf } from '../http/handlers.ts'
import { checkCursor } from './cursor.ts'

export const eventHandlers: HandlersOf<'events'> = {
  async list({ store }, { run, cursor, limit }) {
    const after = cursor ?? 0
    const events = await store.events.list({ after, limit, ...(run !== undefined && { run }) })
    // After the read: what retention deletes meanwhile is noticed too.
    if (cursor !== undefined) await checkCursor(store, cursor)
    return { events: [...events], next: String(events.at(-1)?.id ?? after) }
  },
  async recent({ store }, { cursor: before, ...query }) {
    const given = Object.fromEntries(Object.entries({ ...query, before }).filter(([, value]) => value !== undefined))
    const { events, next } = await store.events.recent({ ...given, limit: query.limit })
    return { events: [...events], next: next === null ? null : String(next) }
  },
}
