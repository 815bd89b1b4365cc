export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

export interface LogLine {
  /** Given by the store; 0 before. */
  readonly id: number
  readonly run: string
  /** 0: the run itself. */
  readonly step: number
  readonly attempt: number
  readonly at: number
  readonly level: LogLevel
  readonly message: string
  /** Encoded fields; `null` for none. */
  readonly data: string | null
}
