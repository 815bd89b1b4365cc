import { existsSync, readFileSync } from 'node:fs'

/** A line that a program wrote about itself. */
export interface Line {
  readonly pid: number
  /** A step's body starts or ends; the flow's code got an outcome; the run's function begins or is about to return. */
  readonly phase: 'start' | 'end' | 'got' | 'begin' | 'returning'
  readonly name?: string
  readonly run?: string
  readonly epoch?: number
  readonly step?: number
  readonly attempt?: number
  /** The mark of one execution. */
  readonly made?: string
  readonly failed?: boolean
}

/** The lines of a log so far. */
export function readLog(path: string): Line[] {
  if (!existsSync(path)) return []
  const text = readFileSync(path, 'utf8')
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line)
}
