import { json, output } from '../../terminal/terminal.ts'
import { exitCodes } from '../exit-codes.ts'
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
