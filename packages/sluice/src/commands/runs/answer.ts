import { userInfo } from 'node:os'
import { SluiceError } from '@sluice/core'
import { json, output } from '../../terminal/terminal.ts'
import { readParams } from '../options.ts'
import { type SystemOptions, lookAt } from '../../system/system.ts'

export interface AnswerOptions extends SystemOptions {
  readonly param?: readonly string[]
  readonly params?: string
  readonly request?: string
  readonly by?: string
  readonly json?: boolean
}

/** `sluice runs answer` */
export async function answerRun(id: string, options: AnswerOptions): Promise<void> {
  const value = answerOf(options)
  await lookAt(id, options, async (system, run) => {
    const { theRequest } = await import('@sluice/engine')
    const name = options.request ?? (await theRequest(system, run.id))
    const by = options.by ?? userInfo().username
    await system.answer({ run: run.id, name, value, by })
    if (options.json) return json({ run: run.id, request: name, value, by })
    output.line(`Answered "${name}" of run ${run.id} as ${by}. It checks the answer and goes on.`)
  })
}

/** What was given, as one value: parts that are JSON are read as such. */
function answerOf(options: AnswerOptions): unknown {
  const { params, texts } = readParams(options)
  const parts = Object.entries(texts).map(([name, text]) => [name, parsed(text)] as const)
  if (parts.length === 0 && params === undefined) {
    throw new SluiceError('USAGE', 'No answer was given.', {
      hint: `Give it part by part, --param ok=true, or as a whole, --params '{"ok": true}'.`,
    })
  }
  if (parts.length === 0) return params
  return { ...(params as object | undefined), ...Object.fromEntries(parts) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
