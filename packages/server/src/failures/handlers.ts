import type { HandlersOf } from '../http/handlers.ts'
import { mendedBy } from './mended.ts'

/** Older ones are not needed: what failed so long ago is in no list. */
const most = 1000

export const failureHandlers: HandlersOf<'failures'> = {
  async acknowledged({ store }) {
    return { acknowledged: [...(await store.failures.acknowledged(most))] }
  },
  async mended({ store }, { runs: ids }) {
    const found = await Promise.all(
      ids.map(async (id) => {
        const run = await store.runs.get(id)
        const by = run && (await mendedBy(store, run))
        return by ? [{ run: id, by }] : []
      }),
    )
    return { mended: found.flat() }
  },
  async acknowledge({ store, now }, { body: { failure, by } }) {
    await store.commit([{ change: 'failure.acknowledge', failure, by, at: now() }])
    return { acknowledged: by !== null }
  },
}
