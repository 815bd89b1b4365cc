import { json, output } from '../../terminal/terminal.ts'
import { iconOf } from '../../terminal/words.ts'
import { type SystemOptions, lookAt } from '../../system/system.ts'

/** Steps that are named. */
const STEPS = 20

/** `sluice runs why` */
export async function whyRun(id: string, options: SystemOptions & { readonly json?: boolean }): Promise<void> {
  await lookAt(id, options, async (system, run) => {
    const why = await system.why(run)
    if (options.json) return json({ run: run.id, state: run.state, waitingFor: run.waitingFor, ...why })
    const { style, line } = output
    line(`${iconOf(style, run.state)} ${style.bold(run.title ?? run.name)}  ${style.dim(run.id)}`)
    line(`  ${why.says}`)
    for (const note of why.notes) line(`  ${note}`)
    for (const { name, step, says } of why.steps.slice(0, STEPS)) line(`  ${name} (step ${step}) is ${says}.`)
    const more = why.steps.length - STEPS
    if (more > 0) line(style.dim(`  and ${more} more steps`))
  })
}
