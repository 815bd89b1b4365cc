import type { LogLevel, LogLine, Run } from '@sluice/core'
import type { Change, StepReads } from '@sluice/engine/store'
import type { RunAnswer } from '@sluice/worker'

/** What is shown of a run while it goes on: live in a terminal, as lines elsewhere, as JSON for a script. */
export interface RunView {
  started(
    run: Run,
    info: { readonly isNew: boolean; readonly total?: number; readonly steps: Pick<StepReads, 'counts'> },
  ): Promise<void>
  /** These are on disk. */
  committed(changes: readonly Change[]): void
  logged(line: Omit<LogLine, 'id' | 'run'>): void
  /** What the user's code printed. */
  output(text: string, stream: 'stdout' | 'stderr'): void
  note(level: LogLevel, text: string): void
  /** The event loop of the process has not turned for a while. */
  blocked(ms: number): void
  canceling(): void
  ended(run: Run, answer: RunAnswer): Promise<void>
  /** The names of steps that run now. */
  inFlight(): readonly string[]
  /** Puts the terminal back as it was. */
  close(): void
}
