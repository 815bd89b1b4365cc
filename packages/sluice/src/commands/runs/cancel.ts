import { type Run, isTerminalRun } from '@sluice/core'
import { json, output } from '../../terminal/terminal.ts'
import { coloredWord, iconOf } from '../../terminal/words.ts'
import { exitCodes } from '../exit-codes.ts'
import { type Reads, type SystemOptions, lookAt } from '../../system/system.ts'

/** Steps get ten seconds to stop; then they are left behind. */
const PATIENCE = 15_000

/** `sluice runs cancel` */
export async function cancelRun(id: string, options: SystemOptions & { readonly json?: boolean }): Promise<number> {
  return lookAt(id, options, async (system, run) => {
    const wasOver = isTerminalRun(run.state) && run.state !== 'crashed'
    if (!wasOver) await system.cancel(run)
    const now = wasOver ? run : await ended(system, run)
    if (options.json) json(now)
    else say(now, wasOver)
    return now.state === 'canceled' ? exitCodes.ok : wasOver ? exitCodes.usage : exitCodes.failed
  })
}

async function ended({ runs }: Reads, run: Run): Promise<Run> {
  for (const until = performance.now() + PATIENCE; ;) {
    const now = (await runs.get(run.id)) ?? run
    if (isTerminalRun(now.state) || performance.now() > until) return now
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

function say(run: Run, wasOver: boolean): void {
  const { style } = output
  const state = `${iconOf(style, run.state)} Run ${run.id} ${wasOver ? 'had ended already: it ' : ''}is ${coloredWord(style, run.state)}`
  output.line(run.state === 'canceling' ? `${state}: its steps have not stopped yet.` : `${state}.`)
}
