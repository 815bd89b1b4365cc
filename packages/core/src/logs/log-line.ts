export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Of a line that is kept: `stdout` and `stderr` are what a process printed. */
export type LineLevel = LogLevel | 'stdout' | 'stderr'

export interface LogLine {
  /** Given by the store; 0 before. */
  readonly id: number
  readonly run: string
  /** 0: the run itself. */
  readonly step: number
  readonly attempt: number
  readonly at: number
  readonly level: LineLevel
  readonly message: string
  /** Encoded fields; `null` for none. */
  readonly data: string | null
}
