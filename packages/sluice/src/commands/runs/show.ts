import { factsOf } from '../../terminal/run-page/facts.ts'
import { runPage } from '../../terminal/run-page/page.ts'
import { json, output } from '../../terminal/terminal.ts'
import { lookAt } from '../with-store.ts'

/** `sluice runs show` */
export async function showRun(
  id: string,
  options: { readonly json?: boolean; readonly steps?: boolean },
): Promise<void> {
  await lookAt(id, async (store, run, { home }) => {
    const facts = await factsOf(store, run)
    if (options.json) return json(facts)
    const { style, columns, line } = output
    for (const text of runPage(facts, { style, columns, home, isWhole: options.steps ?? false })) line(text.trimEnd())
  })
}
