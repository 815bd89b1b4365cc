import type { Protection } from '../protections.ts'
import type { Random } from '../random.ts'
import type { Verdict } from '../verify/after-end.ts'
import type { FleetOptions } from './fleet.ts'

/** Servers and workers that something happens to. */
export interface FleetScenario {
  readonly name: string
  /** What happens, in a few words. */
  readonly says: string
  /** Without it the scenario must fail. */
  readonly protection: Pick<Protection, 'name' | 'guards' | 'patches'> & {
    /** How what is then found out reads. */
    readonly finds: RegExp
    /** The scale at which it is found out. Default 0.1. */
    readonly scale?: number
  }
  /** `scale` 1 for a pass of half a minute or less; more for more of the same. @throws Lacking */
  run(given: FleetGiven): Promise<FleetResult>
}

export interface FleetGiven {
  readonly options: FleetOptions
  readonly random: Random
  readonly scale: number
}

/** This machine lacks something that a scenario needs. */
export class Lacking extends Error {}

export interface FleetResult {
  readonly verdicts: readonly Verdict[]
  /** What was counted, for people. */
  readonly counted: string
}

/** What is broken already is told at once: what comes after it may never end. */
export const ended = (what: string, breaches: readonly string[]): FleetResult => ({
  verdicts: [{ what, breaches }],
  counted: 'not to its end',
})
