import { type AssetSnapshot, SluiceError } from '@sluice/core'
import type { HistoryChoice } from '@sluice/engine'
import { type SystemOptions, ifAny } from '../../system/system.ts'
import { commandOf } from '../../terminal/shell.ts'
import { json, output } from '../../terminal/terminal.ts'
import { countOf } from '../../terminal/words.ts'
import { definitionOf } from './code-of.ts'

export interface HistoryOptions extends SystemOptions {
  readonly history: string
  readonly json?: boolean
}

export interface WipeOptions extends HistoryOptions {
  readonly partition?: string
  readonly env?: string
}

/** `sluice assets wipe NAME [FILE]` */
export async function wipe(asset: string, file: string | undefined, options: WipeOptions): Promise<void> {
  const history = choiceOf(options.history)
  const { partition } = options
  const definition = async (): Promise<AssetSnapshot | undefined> =>
    partition === undefined ? undefined : definitionOf(asset, file, options)
  const count = await ifAny(undefined, options, (system) => system.wipe({ asset, partition, history, definition }))
  if (count === undefined) throw unknown(asset)
  if (options.json) return json({ asset, partitions: count, history })
  const { line, style } = output
  const what = count === null ? asset : `${countOf(count, 'partition')} of ${asset}`
  line(`${style.green('✓')} ${what} forgotten; its history ${history === 'keep' ? 'stays' : 'is deleted'}.`)
  line(style.dim('  Values go when values are collected: sluice values collect.'))
  const again = commandOf('sluice', 'materialize', asset, ...(count === null ? [] : ['--partition', 'missing']))
  line(`  ${style.dim('next')}  ${style.cyan(again)}`)
}

/** `sluice assets rename OLD NEW` */
export async function rename(from: string, to: string, options: HistoryOptions): Promise<void> {
  const history = choiceOf(options.history)
  const done = await ifAny(null, options, async (system) => {
    await system.rename({ from, to, history })
    return { from, to, history }
  })
  if (!done) throw unknown(from)
  if (options.json) return json(done)
  const { line, style } = output
  line(`${style.green('✓')} ${from} is ${to} now${history === 'keep' ? ', with its history' : ', with nothing made'}.`)
  line(style.dim(`  Rename it in the code too: asset('${to}', …).`))
}

function choiceOf(text: string): HistoryChoice {
  if (text === 'keep' || text === 'clear') return text
  throw new SluiceError('USAGE', `--history takes keep or clear, and got ${text}.`, {
    hint: 'keep leaves what was in the history, clear deletes it.',
  })
}

const unknown = (asset: string): SluiceError =>
  new SluiceError('ASSET_UNKNOWN', `Nothing was ever made of an asset "${asset}".`, {
    hint: 'There is no store here yet. --server names another place.',
  })
