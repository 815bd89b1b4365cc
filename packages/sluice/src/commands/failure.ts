import { errorLines } from '../terminal/error.ts'
import { jsonError } from '../terminal/json-view.ts'
import { notes } from '../terminal/terminal.ts'
import { exitCodeOf, exitCodes } from './exit-codes.ts'
import { nextCommand } from './next-command.ts'

/** Prints what ended a command, and gives its exit code. One way for all of them. */
export function failed(error: unknown, options: { readonly json?: boolean } = {}): number {
  const exitCode = exitCodeOf(error)
  if (options.json) jsonError(error)
  const isDefect = exitCode === exitCodes.internal
  const next = isDefect
    ? 'This is a defect in Sluice: please report it with these lines. SLUICE_DEBUG=1 prints all of it.'
    : undefined
  for (const line of errorLines(notes.style, error, { next })) notes.line(line)
  const command = nextCommand(error, process.argv.slice(2))
  if (command !== undefined) notes.line(`  ${notes.style.dim('next')}  ${notes.style.cyan(command)}`)
  if (process.env['SLUICE_DEBUG'] && error instanceof Error) notes.line(error.stack)
  return exitCode
}
