import type { Run } from '@sluice/core'
import { countOf } from '../elements/numbers.ts'

/** A run that has been waiting for its turn, or for a worker, for longer than this is stuck. In milliseconds. */
const patience = 10 * 60_000

interface Pool {
  readonly pool: string
  readonly slots: number
  readonly ready: number
  readonly delivered: number
}

/** Does a run wait for something that ought to have come by now? What is to begin later, or asks a person, does not. */
export const isStuck = (
  { state, waitingFor, createdAt }: Pick<Run, 'state' | 'waitingFor' | 'createdAt'>,
  now: number,
) =>
  state === 'waiting' && (waitingFor === null || waitingFor.for === 'turn' || waitingFor.for === 'worker')
    ? now - (waitingFor?.for === 'turn' ? (waitingFor.since ?? createdAt) : createdAt) > patience
    : false

/** Pools whose runs wait for nobody, each as a sentence. */
export const deadPools = (pools: readonly Pool[]): string[] =>
  pools.flatMap(({ pool, slots, ready, delivered }) => {
    const waiting = ready + delivered
    if (slots > 0 || waiting === 0) return []
    return [`No worker is connected for pool ${pool}: ${countOf(waiting, 'run waits', 'runs wait')}.`]
  })
