import type { Client } from '@sluice/api/client'
import { type BackfillPolicy, SluiceError } from '@sluice/core'
import { json, output } from '../../terminal/terminal.ts'
import { countOf, numberText } from '../../terminal/words.ts'
import { exitCodes } from '../exit-codes.ts'
import { priorityOf } from '../launch.ts'
import { wholeNumber } from '../options.ts'
import { tagsOf } from '../tags-of.ts'
import { followBackfill } from './follow.ts'
import { type BackfillOptions, withBackfills } from './on-server.ts'
import { leftText, partText, policyText } from './words.ts'

export interface CreateOptions extends BackfillOptions {
  readonly partition?: string
  readonly perRun?: string
  readonly by?: string
  readonly concurrency?: string
  readonly location?: string
  readonly pool?: string
  readonly priority?: string
  readonly tag?: readonly string[]
  readonly dryRun?: boolean
  readonly detach?: boolean
}

type Body = Parameters<Client['backfills']['create']>[0]['body']

/** `sluice backfills create SELECTION [FILE]` */
export async function createBackfill(
  target: string,
  file: string | undefined,
  options: CreateOptions,
  version: string,
): Promise<number> {
  const body = bodyOf(target, options)
  const does = { does: 'work', version, file, slots: options.concurrency } as const
  return withBackfills(options, does, async (client, isOwn) => {
    if (options.dryRun) return show(await client.backfills.plan({ body }), options)
    if (isOwn && options.detach)
      throw new SluiceError('USAGE', 'No server runs here that could go on with it: --detach needs one.', {
        hint: 'sluice dev starts one here; --server or SLUICE_SERVER names another.',
      })
    // Here one worker does it all, whatever pool they are for.
    const { backfill, leftOut } = await client.backfills.create({ body: isOwn ? { ...body, pool: 'default' } : body })
    return followBackfill(client, backfill, { ...options, isOwn, isNew: true, leftOut })
  })
}

function bodyOf(target: string, options: CreateOptions): Body {
  const { partition, location, pool, priority, concurrency } = options
  if (partition === undefined)
    throw new SluiceError('PARTITION_REQUIRED', 'Say which partitions to make.', {
      hint: '--partition A..B, all, latest, missing or stale; of a grid by dimension: A..B|x,y.',
    })
  const policy = policyOf(options)
  return {
    target,
    partition,
    tags: tagsOf(options.tag),
    ...(policy && { policy }),
    ...(location !== undefined && { location }),
    ...(pool !== undefined && { pool }),
    ...(priority !== undefined && { priority: priorityOf(priority) }),
    ...(concurrency !== undefined && { concurrency: wholeNumber('--concurrency', concurrency, 1) }),
  }
}

function policyOf({ perRun, by }: CreateOptions): BackfillPolicy | undefined {
  if (perRun !== undefined && by !== undefined)
    throw new SluiceError('USAGE', '--per-run and --by both say which partitions one run makes.', {
      hint: 'Leave one of them out.',
    })
  if (by !== undefined) return { by }
  if (perRun === undefined) return undefined
  return { keys: perRun === 'all' ? 'all' : wholeNumber('--per-run', perRun, 1) }
}

type Planned = Awaited<ReturnType<Client['backfills']['plan']>>

/** What would be made. */
function show(planned: Planned, options: CreateOptions): number {
  if (options.json) {
    json(planned)
    return exitCodes.ok
  }
  const { backfill, runs, waves, leftOut } = planned
  const { style, line } = output
  line(
    `${countOf(backfill.slices, 'slice')} in ${countOf(runs, 'run')}, ${countOf(waves, 'wave')}: ${policyText(backfill)}`,
  )
  for (const { assets, slices } of backfill.parts)
    line(
      `  ${partText(assets, backfill)}  ${style.dim(countOf(slices / Math.max(1, assets.length), 'slice') + (assets.length > 1 ? ' each' : ''))}`,
    )
  const left = leftText(backfill.left)
  line(`  ${style.dim('time')}  ${left === '' ? 'not known: none of these was made before' : left}`)
  if (leftOut > 0) line(`  ${style.yellow(`${numberText(leftOut)} left out: what they need does not exist (yet)`)}`)
  line(style.dim('Nothing was made. Leave --dry-run out to make it.'))
  return exitCodes.ok
}
