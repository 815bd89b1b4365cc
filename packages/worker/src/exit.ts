import { SluiceError } from '@sluice/core'
import { shownPath } from './host/shown-path.ts'

/** How a process ended. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** The error of a question that a process did not live to answer. */
export function exitError({ code, signal }: Exit, entries: readonly string[]): SluiceError {
  const how = signal ? `was ended by ${signal}` : `ended with exit code ${code}`
  const memory = signal === 'SIGABRT' || code === 134
  return new SluiceError(
    'CHILD_EXITED',
    `The process that ran ${entries.map(shownPath).join(', ')} ${how} without an answer.`,
    {
      hint: memory
        ? 'It probably ran out of memory: NODE_OPTIONS=--max-old-space-size=8192 gives it 8 GB.'
        : signal === 'SIGKILL'
          ? 'Somebody killed it; where nobody did, the system was out of memory.'
          : 'Does the code call process.exit()?',
      data: { exitCode: code, signal },
    },
  )
}
