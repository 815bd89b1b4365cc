import { SluiceError } from '@sluice/core'
import type { Store } from '@sluice/engine'

/**
 * Is everything after this number still there? Asked after a read, as events may be deleted meanwhile.
 *
 * @throws SluiceError CURSOR_EXPIRED.
 */
export async function checkCursor({ events }: Pick<Store, 'events'>, cursor: number): Promise<void> {
  const first = await events.first()
  if (cursor >= first - 1) return
  throw new SluiceError('CURSOR_EXPIRED', `Events are kept from ${first} on: some after ${cursor} are gone.`, {
    hint: 'Read what is there now, then go on without a cursor.',
    data: { first },
  })
}
