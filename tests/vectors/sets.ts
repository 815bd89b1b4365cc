import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { automation } from './automation.ts'
import { partitionMappings, timePartitions } from './partitions.ts'
import { prefectStates } from './prefect-states.ts'
import { staleness } from './staleness.ts'
import { retries } from './retries.ts'
import { cronTicks, rruleInterval } from './schedules.ts'
import { assetSelection } from './selection.ts'
import type { Case, CaseSet, Evaluator, Input } from './shapes.ts'

/** Who evaluates the cases of a set, by the set's name. */
export const evaluators: Readonly<Record<string, Evaluator>> = {
  asset_selection: assetSelection,
  automation,
  cron_ticks: cronTicks,
  partition_mappings: partitionMappings,
  prefect_states: prefectStates,
  retries,
  rrule_interval: rruleInterval,
  staleness,
  time_partitions: timePartitions,
}

/** The sets in a folder: every `*.json`, by name. */
export function setsIn(folder: string): readonly CaseSet[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'))
  return files.toSorted().map((file) => {
    const header = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Input
    return { name: file.slice(0, -'.json'.length), header, cases: header['cases'] as readonly Case[] }
  })
}
