import { type LogLine, type Run, SluiceError, isTerminalRun } from '@sluice/core'
import { logText } from '../../terminal/progress/feed.ts'
import { titleOf } from '../../terminal/progress/model.ts'
import { json, output } from '../../terminal/terminal.ts'
import { localTime } from '../../terminal/times.ts'
import { type Reads, type SystemOptions, lookAt } from '../../system/system.ts'

const CHUNK = 1000
const POLL = 500

export interface LogOptions extends SystemOptions {
  readonly step?: string
  readonly follow?: boolean
  readonly json?: boolean
}

/** `sluice runs logs` */
export async function showLogs(id: string, options: LogOptions): Promise<void> {
  await lookAt(id, options, async (reads, run) => {
    const step = options.step === undefined ? undefined : await stepNumber(reads, run, options.step)
    const names = new Map<number, string>()
    let after = 0
    let count = 0
    for (;;) {
      // Looked at before the lines: none that it logged until its end is missed.
      const isOver = isTerminalRun((await reads.runs.get(run.id))?.state ?? 'succeeded')
      for (;;) {
        const lines = await reads.logs.list({ run: run.id, after, limit: CHUNK, ...(step !== undefined && { step }) })
        for (const line of lines) await print(reads, line, names, options)
        count += lines.length
        after = lines.at(-1)?.id ?? after
        if (lines.length < CHUNK) break
      }
      if (!options.follow || isOver) break
      await new Promise((resolve) => setTimeout(resolve, POLL))
    }
    if (count === 0 && !options.json) output.line(output.style.dim(`Run ${run.id} has logged nothing.`))
  })
}

async function stepNumber(reads: Reads, run: Run, wanted: string): Promise<number> {
  if (/^\d+$/.test(wanted)) return Number(wanted)
  for (let after = 0; ;) {
    const steps = await reads.steps.list(run.id, { after })
    const found = steps.find(({ name, key }) => name === wanted || `${name} ${key}` === wanted)
    if (found) return found.step
    if (steps.length === 0)
      throw new SluiceError('USAGE', `Run ${run.id} has no step "${wanted}".`, {
        hint: `sluice runs show ${run.id} lists them.`,
      })
    after = steps.at(-1)!.step
  }
}

async function print(reads: Reads, line: LogLine, names: Map<number, string>, options: LogOptions): Promise<void> {
  if (options.json) return json(line)
  const { style } = output
  if (line.step !== 0 && !names.has(line.step)) {
    const step = await reads.steps.get(line.run, line.step)
    const { name, detail } = step ? titleOf(step) : { name: `step ${line.step}`, detail: '' }
    names.set(line.step, detail === '' ? name : `${name} ${detail}`)
  }
  output.line(`${style.dim(localTime(line.at).slice(11))} ${logText(style, line, names.get(line.step) ?? '')}`)
}
