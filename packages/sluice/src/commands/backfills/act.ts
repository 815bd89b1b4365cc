import { json, output } from '../../terminal/terminal.ts'
import { countOf } from '../../terminal/words.ts'
import { exitCodes } from '../exit-codes.ts'
import { wholeNumber } from '../options.ts'
import { followBackfill } from './follow.ts'
import { type BackfillOptions, withBackfills } from './on-server.ts'
import { progressText, stateText } from './words.ts'

export interface GoOnOptions extends BackfillOptions {
  readonly detach?: boolean
}

/** `sluice backfills resume ID [FILE]` and `retry ID [FILE]`: it goes on, and is followed. */
export function goOn(
  action: 'resume' | 'retry',
  id: string,
  file: string | undefined,
  options: GoOnOptions,
  version: string,
): Promise<number> {
  return withBackfills(options, { does: 'work', version, file }, async (client, isOwn) => {
    const { backfill } = await client.backfills[action]({ backfill: id })
    return followBackfill(client, backfill, { ...options, isOwn })
  })
}

/** `sluice backfills set ID --concurrency COUNT|all` */
export async function setBackfill(
  id: string,
  options: BackfillOptions & { readonly concurrency: string },
  version: string,
): Promise<void> {
  const concurrency = options.concurrency === 'all' ? null : wholeNumber('--concurrency', options.concurrency, 1)
  const { backfill } = await withBackfills(options, { does: 'nothing', version }, (client) =>
    client.backfills.set({ backfill: id, body: { concurrency } }),
  )
  if (options.json) return json(backfill)
  const atOnce =
    concurrency === null ? 'as many runs at once as there are places' : `${countOf(concurrency, 'run')} at once`
  output.line(`${backfill.id}: ${atOnce}`)
}

/** `sluice backfills pause ID` and `cancel ID` */
export function stop(
  action: 'pause' | 'cancel',
  id: string,
  options: BackfillOptions,
  version: string,
): Promise<number> {
  return withBackfills(options, { does: 'queue', version }, async (client, isOwn) => {
    const { backfill } = await client.backfills[action]({ backfill: id })
    // What waits is taken back by whoever makes runs: here that is this command, until it is done.
    if (isOwn) return followBackfill(client, backfill, { ...options, isOwn })
    if (options.json) json(backfill)
    else
      output.line(
        `${backfill.id} is ${stateText(output.style, backfill.state)}: ${progressText(output.style, backfill)}`,
      )
    return exitCodes.ok
  })
}
