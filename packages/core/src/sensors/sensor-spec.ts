import { targetName } from '../schedules/schedule-spec.ts'
import { milliseconds } from '../time/duration.ts'
import type { RunMoment, SensorDefinition } from './sensor.ts'

/** What a sensor waits for, as plain data. */
export type OnSpec =
  /** `of`: names of targets; `null` for any. */
  | { readonly runs: readonly RunMoment[]; readonly of: readonly string[] | null }
  | { readonly assets: readonly string[]; readonly when: readonly ('materialized' | 'observed')[] }

/** A sensor as plain data: what the server decides by. */
export interface SensorSpec {
  /** Milliseconds between two looks. */
  readonly every: number
  /** `null`: it looks every so often. */
  readonly on: OnSpec | null
  readonly targets: readonly string[]
  /** Milliseconds. */
  readonly timeout: number
  readonly paused: boolean
}

/** A sensor on events looks when they come, and not more often than this. */
const soonest = 1_000
const patience = 60_000

export function sensorSpec({ options }: SensorDefinition): SensorSpec {
  const { every, on, targets, timeout, paused = false } = options
  return {
    every: every === undefined ? soonest : milliseconds(every),
    on: on === undefined ? null : onSpec(on),
    targets: targets.map(targetName),
    timeout: timeout === undefined ? patience : milliseconds(timeout),
    paused,
  }
}

function onSpec(on: NonNullable<SensorDefinition['options']['on']>): OnSpec {
  if ('runs' in on) return { runs: [on.runs].flat(), of: on.of?.map(targetName) ?? null }
  return {
    assets: on.assets.map(({ name }) => name),
    when: on.when === undefined ? ['materialized'] : [on.when].flat(),
  }
}
