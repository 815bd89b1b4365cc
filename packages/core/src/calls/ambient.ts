import type { LogLevel } from '../logs/log-line.ts'
import { type CurrentRun, type CurrentStep, currentCalls } from './calls.ts'

type Fields = Readonly<Record<string, unknown>>

/** Writes to the log of the step that is running, wherever in its code; outside a run, to the console. */
export const log = Object.freeze({
  debug: (message: string, fields?: Fields): void => write('debug', message, fields),
  info: (message: string, fields?: Fields): void => write('info', message, fields),
  warn: (message: string, fields?: Fields): void => write('warn', message, fields),
  error: (message: string, fields?: Fields): void => write('error', message, fields),
})

function write(level: LogLevel, message: string, fields: Fields | undefined): void {
  const calls = currentCalls()
  if (calls) calls.log(level, message, fields)
  else console[level](message, ...(fields ? [fields] : []))
}

/** The run that this code is part of; `undefined` outside one. */
export function currentRun(): CurrentRun | undefined {
  return currentCalls()?.run()
}

/** The innermost step that this code is part of; `undefined` outside one. */
export function currentStep(): CurrentStep | undefined {
  return currentCalls()?.step()
}
