import type { ExplainedLine } from '@sluice/core'
import { json, output } from '../../terminal/terminal.ts'
import { type SystemOptions, withSystem } from '../../system/system.ts'
import { localTime, zoneName } from '../../terminal/times.ts'
import type { Style } from '../../terminal/style.ts'

export interface WhyAssetOptions extends SystemOptions {
  readonly partition?: string
  readonly check?: string
  readonly json?: boolean
}

/** `sluice assets why NAME` */
export async function whyAsset(asset: string, options: WhyAssetOptions): Promise<void> {
  const { partition, check } = options
  const asked = { asset, ...(check !== undefined && { check }), ...(partition !== undefined && { partition }) }
  const why = await withSystem(options, (system) => system.whyAsset(asked))
  if (options.json) return json(why)
  const { style, line } = output
  const slice = why.partition === null ? '' : ` ${why.partition}`
  const condition = why.condition ? `  ${style.dim(why.condition.label)}` : ''
  line(`${style.bold(`${asset}${check === undefined ? '' : ` ${check}`}${slice}`)}${condition}`)
  for (const text of why.says) line(`  ${text}`)
  const { requested } = why
  if (requested) {
    const run = requested.run === null ? '' : `, in run ${requested.run}`
    line(`  Requested last at ${timeText(requested.at)}${run}.`)
  }
  if (why.at === null || why.lines.length === 0) return
  line()
  line(`  ${style.dim(`as it was found at ${timeText(why.at)}, and nothing is other since:`)}`)
  for (const one of why.lines) line(`  ${lineText(one, style)}`)
}

const timeText = (at: number): string => `${localTime(at)} ${zoneName(at)}`

function lineText({ depth, answer, text }: ExplainedLine, style: Style): string {
  const sign = answer === 'true' ? style.green('✓') : answer === 'false' ? style.red('✗') : style.dim('·')
  return `${'  '.repeat(depth)}${sign} ${answer === 'unasked' ? style.dim(text) : text}`
}
