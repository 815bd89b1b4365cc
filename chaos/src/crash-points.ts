import type { Plan } from './campaign.ts'
import type { Blow } from './disturb.ts'

/**
 * The named instants of the engine and the store, the scenario that comes there, and at which times the process dies:
 * one life after the other of the same run.
 */
export interface Point {
  readonly name: string
  readonly scenario: string
  readonly times: readonly number[]
  /** A run comes there once in its life: each death is another run's. */
  readonly once?: true
}

export const points: readonly Point[] = [
  { name: 'run-claimed', scenario: 'map', times: [1, 1, 1] },
  { name: 'journal-loaded', scenario: 'nested', times: [1, 1, 1] },
  { name: 'attempt-opened', scenario: 'nested', times: [1, 9, 14] },
  { name: 'outcome-made', scenario: 'branches', times: [1, 6, 13] },
  { name: 'batch-sent', scenario: 'branches', times: [1, 5, 9] },
  { name: 'outcome-committed', scenario: 'caught', times: [1, 4, 8] },
  { name: 'outcome-delivered', scenario: 'branches', times: [1, 12, 25] },
  { name: 'retry-recorded', scenario: 'retries', times: [1, 2, 1] },
  { name: 'run-retry-recorded', scenario: 'flow-retry', times: [1, 1] },
  { name: 'run-retry-recorded', scenario: 'flow-retry', times: [2] },
  { name: 'value-unflushed', scenario: 'files', times: [1, 4, 3] },
  { name: 'value-written', scenario: 'files', times: [1, 3, 5] },
  { name: 'value-unflushed', scenario: 'assets', times: [1, 3, 5] },
  { name: 'value-written', scenario: 'assets', times: [1, 3, 4] },
  { name: 'run-ending', scenario: 'files', times: [1, 1, 1] },
  { name: 'run-ended', scenario: 'map', times: [1, 1, 1], once: true },
  { name: 'batch-open', scenario: 'nested', times: [1, 4, 9] },
  { name: 'batch-applied', scenario: 'assets', times: [1, 4, 7] },
  { name: 'batch-applied', scenario: 'caught', times: [2, 3, 6] },
  { name: 'batch-committed', scenario: 'branches', times: [1, 5, 9] },
]

/** The runs that all points need. */
export function plansOf(some: readonly Point[] = points): Plan[] {
  return some.flatMap(({ name, scenario, times, once }) => {
    const blows = times.map((nth): Blow => ({ at: 'point', env: { SLUICE_CRASH_AT: `${name}:${nth}` } }))
    return once ? blows.map((blow) => ({ scenario, blows: [blow] })) : [{ scenario, blows }]
  })
}
