import type { TickRecord } from '@sluice/core'
import type { HandlersOf } from '../http/handlers.ts'

/** So many rows are looked through for one outcome before the page ends early. */
const scanned = 20_000

export const tickHandlers: HandlersOf<'ticks'> = {
  async list({ store }, { kind, location, name, outcome, cursor: before, limit }) {
    const query = {
      ...(kind !== undefined && { kind }),
      ...(location !== undefined && { location }),
      ...(name !== undefined && { name }),
    }
    const found: TickRecord[] = []
    let from = before
    for (let looked = 0; found.length <= limit && looked < scanned;) {
      const size = outcome === undefined ? limit + 1 : 1000
      const page = await store.ticks.list({ ...query, limit: size, ...(from !== undefined && { before: from }) })
      found.push(...page.filter((tick) => outcome === undefined || tick.outcome === outcome))
      looked += page.length
      from = page.at(-1)?.id
      if (page.length < size) from = undefined
      if (from === undefined) break
    }
    const ticks = found.slice(0, limit)
    const last = found.length > limit ? ticks.at(-1)!.id : from
    return { ticks, next: last === undefined ? null : String(last) }
  },
}
