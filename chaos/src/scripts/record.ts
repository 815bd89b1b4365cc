import { randomUUID } from 'node:crypto'
import { openSync, writeSync } from 'node:fs'
import { currentRun, currentStep } from 'sluice'
import type { Line } from '../log.ts'

export { setTimeout as wait } from 'node:timers/promises'

// What really happened, told outside the store: one line, one write, to a file that is opened for appending.
const file = openSync(process.env['CHAOS_LOG']!, 'a')

function tell(line: Omit<Line, 'pid'>): void {
  writeSync(file, `${JSON.stringify({ pid: process.pid, ...line })}\n`)
}

/** What a step of these programs returns: a value, and a mark that no other execution of any step has. */
export interface Made<T> {
  readonly made: string
  readonly value: T
}

const where = (): { run: string; epoch: number; step: number; attempt: number } => {
  const run = currentRun()!
  const step = currentStep()!
  // Each claim but the first follows a crash here.
  return { run: run.id, epoch: run.resumes + 1, step: step.step, attempt: step.attempt }
}

/** The body of a step: tells that it starts, works, tells what it made. A failure carries its mark in its message. */
export async function body<T>(name: string, work: () => T | Promise<T>): Promise<Made<T>> {
  const at = where()
  const made = randomUUID().slice(0, 13)
  tell({ phase: 'start', name, ...at })
  try {
    const value = await work()
    tell({ phase: 'end', name, made, ...at })
    return { made, value }
  } catch (error) {
    tell({ phase: 'end', name, made, ...at })
    throw new Error(`${(error as Error).message} [${made}]`, { cause: error })
  }
}

/** Tells that the flow's code got this outcome, and in which place. */
export function got<T>(outcome: Made<T>): T {
  tell({ phase: 'got', made: outcome.made })
  return outcome.value
}

/** The same for a failure. What is none of a step (the run was taken over) goes on up. */
export function gotFailure(error: unknown): string {
  const made = /\[([\w-]{13})\]/.exec((error as Error).message)?.[1]
  if (made === undefined) throw error
  tell({ phase: 'got', made, failed: true })
  return made
}

/** The function of a run begins, or is about to return: who watches may kill it at a moment near that. */
export function moment(phase: 'begin' | 'returning'): void {
  tell({ phase })
  writeSync(1, `${phase}\n`)
}

/** A duration that differs from process to process: the order of what runs at once is never the same twice. */
export const anyMs = (most: number): number => Math.ceil(Math.random() * most)
