import { factsOf } from '../../terminal/run-page/facts.ts'
import { runPage } from '../../terminal/run-page/page.ts'
import { json, output } from '../../terminal/terminal.ts'
import { type SystemOptions, lookAt } from '../../system/system.ts'

/** `sluice runs show` */
export async function showRun(
  id: string,
  options: SystemOptions & { readonly json?: boolean; readonly steps?: boolean },
): Promise<void> {
  await lookAt(id, options, async (system, run) => {
    const { home } = system.project
    const facts = await factsOf(system, run)
    if (options.json) return json(facts)
    const { style, columns, line } = output
    for (const text of runPage(facts, {
      style,
      columns,
      home,
      isWhole: options.steps ?? false,
      server: options.server,
    }))
      line(text.trimEnd())
  })
}
