import { type Json, SluiceError } from '@sluice/core'
import type { OutsideReport } from '@sluice/engine'
import { type SystemOptions, withSystem } from '../../system/system.ts'
import { json, output } from '../../terminal/terminal.ts'
import { pairsOf } from '../options.ts'
import { timeOf } from '../time-of.ts'
import { definitionOf } from './code-of.ts'

export interface ReportOptions extends SystemOptions {
  readonly observation?: boolean
  readonly check?: string
  readonly result?: string
  readonly severity?: string
  readonly partition?: string
  readonly dataVersion?: string
  readonly metadata?: readonly string[]
  readonly at?: string
  readonly once?: string
  readonly env?: string
  readonly json?: boolean
}

/** `sluice assets report NAME [FILE]` */
export async function report(asset: string, file: string | undefined, options: ReportOptions): Promise<void> {
  const body = bodyOf(options)
  const { run, isNew } = await withSystem(options, (system) =>
    system.report({ asset, body, definition: () => definitionOf(asset, file, options) }),
  )
  if (options.json) return json({ asset, run, isNew })
  const { line, style } = output
  const what = body.what === 'check' ? `check ${body.check}` : body.what
  line(isNew ? `${style.green('✓')} ${what} of ${asset} recorded` : `${what} of ${asset} was recorded before`)
  line(`  ${style.dim('next')}  ${style.cyan(`sluice assets show ${asset}`)}`)
}

function bodyOf(options: ReportOptions): OutsideReport {
  const { check, observation, result, severity, partition, dataVersion, at, once } = options
  const metadata = Object.fromEntries(
    Object.entries(pairsOf('--metadata', options.metadata)).map(([name, text]) => [name, valueOf(text)]),
  )
  const common = {
    metadata,
    ...(partition !== undefined && { partition }),
    ...(at !== undefined && { at: timeOf('--at', at) }),
    ...(once !== undefined && { once }),
  }
  const wrong = check === undefined ? (result ?? severity) : (dataVersion ?? (observation ? 'observation' : undefined))
  if (wrong !== undefined)
    throw new SluiceError(
      'USAGE',
      '--result and --severity are of a --check; --observation and --data-version are not.',
      {
        hint: 'sluice assets report NAME --check CHECK --result passed',
      },
    )
  if (check === undefined)
    return {
      ...common,
      what: observation ? 'observation' : 'materialization',
      ...(dataVersion !== undefined && { dataVersion }),
    }
  return {
    ...common,
    what: 'check',
    check,
    passed: passedOf(result),
    ...(severity !== undefined && { severity: severityOf(severity) }),
  }
}

function passedOf(result: string | undefined): boolean | null {
  if (result === 'passed' || result === 'failed') return result === 'passed'
  if (result === 'unknown') return null
  throw new SluiceError(
    'USAGE',
    `--result takes passed, failed or unknown${result === undefined ? '' : `, and got ${result}`}.`,
    {
      hint: 'Say what the check came to: --result failed',
    },
  )
}

function severityOf(text: string): 'warn' | 'error' {
  if (text === 'warn' || text === 'error') return text
  throw new SluiceError('USAGE', `--severity takes warn or error, and got ${text}.`)
}

/** JSON where it is JSON, else text. */
function valueOf(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}
