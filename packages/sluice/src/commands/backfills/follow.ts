import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '@sluice/api/client'
import { humanDuration, isBackfillOver } from '@sluice/core'
import { createBlock } from '../../terminal/progress/block.ts'
import { barOf } from '../../terminal/progress/status.ts'
import { atServer } from '../../terminal/shell.ts'
import { json, notes, output } from '../../terminal/terminal.ts'
import { clock } from '../../terminal/times.ts'
import { countOf, numberText } from '../../terminal/words.ts'
import { exitCodes } from '../exit-codes.ts'
import { patiently } from '../follow/follow.ts'
import { onInterrupt } from '../supervise/interrupts.ts'
import type { BackfillOptions, Shown } from './on-server.ts'
import { leftText, progressText, sliceText, stateText } from './words.ts'

/** Between two looks, in milliseconds. */
const pace = 400
/** Where nothing can be drawn over, a line for each tenth. */
const tenths = 10

export interface FollowOptions extends BackfillOptions {
  readonly detach?: boolean
  readonly isNew?: boolean
  readonly leftOut?: number
  /** Its server ends with this command. */
  readonly isOwn: boolean
}

/** Shows a backfill until it is over. Ctrl-C leaves it as it is: on a server it goes on, here it goes on when asked. */
export async function followBackfill(client: Client, first: Shown, options: FollowOptions): Promise<number> {
  const { id } = first
  const { style, line } = notes
  if (options.detach) {
    if (options.json) json(first)
    else {
      output.line(id)
      line(`  ${style.dim('next')}  sluice backfills show ${id}${atServer(options.server)}`)
    }
    return exitCodes.ok
  }
  if (options.isNew && !options.json) {
    line(`Backfill ${style.bold(id)}: ${countOf(first.slices, 'slice')} of ${first.target}, ${first.partitions}`)
    if ((options.leftOut ?? 0) > 0)
      line(style.yellow(`  ${numberText(options.leftOut!)} left out: what they need does not exist (yet)`))
  }
  const left = new AbortController()
  const stopListening = onInterrupt({ first: () => left.abort(), second: () => process.exit(exitCodes.canceled) })
  const screen = options.json ? { draw: () => {}, clear: () => {} } : openScreen()
  try {
    let backfill = first
    while (!left.signal.aborted && !isBackfillOver(backfill.state) && backfill.state !== 'paused') {
      await sleep(pace, undefined, { signal: left.signal }).catch(() => {})
      if (left.signal.aborted) break
      backfill = (await patiently(() => client.backfills.get({ backfill: id }), left.signal)).backfill
      screen.draw(backfill)
    }
    screen.clear()
    return await tellEnd(client, backfill, options)
  } finally {
    screen.clear()
    stopListening()
  }
}

function openScreen(): { draw(backfill: Shown): void; clear(): void } {
  const block = notes.isLive ? createBlock(notes) : null
  const since = performance.now()
  let told = 0
  return {
    draw(backfill) {
      const { style, line } = notes
      const share = backfill.slices === 0 ? 1 : (backfill.done + backfill.failed) / backfill.slices
      const left = leftText(backfill.left)
      const text = `${progressText(style, backfill)}${left === '' ? '' : `; ${left} left`}`
      if (block) return block.draw([`${barOf(style, share)} ${style.dim(clock(performance.now() - since))}  ${text}`])
      const tenth = Math.floor(share * tenths)
      if (tenth > told && tenth < tenths) line(text)
      told = Math.max(told, tenth)
    },
    clear: () => block?.clear(),
  }
}

const shownFailures = 10

async function tellEnd(client: Client, backfill: Shown, options: FollowOptions): Promise<number> {
  const { id, state, createdAt, endedAt } = backfill
  const code = state === 'succeeded' ? exitCodes.ok : state === 'failed' ? exitCodes.failed : exitCodes.canceled
  if (options.json) {
    json(backfill)
    return code
  }
  const { style, line } = notes
  const took = endedAt === null ? '' : ` in ${humanDuration(endedAt - createdAt)}`
  line(`${stateText(style, state)}${took}: ${progressText(style, backfill)}`)
  const at = atServer(options.server)
  const next = (text: string): void => line(`  ${style.dim('next')}  ${style.cyan(text + at)}`)
  if (backfill.failed > 0) {
    const { slices, next: more } = await client.backfills.failed({ backfill: id, limit: shownFailures })
    for (const { assets, partition } of slices)
      line(`  ${style.red('✗')} ${sliceText(assets, partition === null ? null : style.dim(partition))}`)
    if (more !== null) line(style.dim('  …'))
  }
  if (state === 'failed' || state === 'canceled') {
    if (state === 'failed') next(`sluice runs list --tag sluice/backfill=${id} --state failed`)
    next(`sluice backfills retry ${id}`)
  } else if (state === 'paused' || (state === 'running' && options.isOwn)) next(`sluice backfills resume ${id}`)
  else if (state === 'running') {
    line(style.dim('It goes on without anybody who watches it.'))
    next(`sluice backfills show ${id}`)
  }
  return code
}
