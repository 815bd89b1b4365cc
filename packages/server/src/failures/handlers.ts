import type { HandlersOf } from '../http/handlers.ts'

/** Older ones are not needed: what failed so long ago is in no list. */
const most = 1000

export const failureHandlers: HandlersOf<'failures'> = {
  async acknowledged({ store }) {
    return { acknowledged: [...(await store.failures.acknowledged(most))] }
  },
  async acknowledge({ store, now }, { body: { failure, by } }) {
    await store.commit([{ change: 'failure.acknowledge', failure, by, at: now() }])
    return { acknowledged: by !== null }
  },
}
