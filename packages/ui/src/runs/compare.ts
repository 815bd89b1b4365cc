import type { Run, Step } from '@sluice/core'
import { client } from '../frame/client.ts'
import { type Change, changesBetween } from './changed.ts'

const mostSteps = 5000

/** What is other in `now` than in the run `before`: recorded facts, as `changesBetween` tells them. */
export async function compareRuns(before: Run, now: Run, signal: AbortSignal): Promise<Change[]> {
  const location = now.terms?.location
  const made = async (run: string) => (await client.runs.made({ run, limit: 200 }, { signal })).records
  const [then, its, { versions }] = await Promise.all([
    made(before.id),
    made(now.id),
    location === undefined || before.codeVersion === now.codeVersion
      ? { versions: [] }
      : client.locations.versions({ location, limit: 100 }, { signal }),
  ])
  return changesBetween({ run: before, records: then }, { run: now, records: its }, versions)
}

export const stepsOf = async (run: string, signal: AbortSignal): Promise<Step[]> =>
  (await client.runs.steps({ run, limit: mostSteps }, { signal })).steps

export interface StepPair {
  readonly name: string
  readonly before: Step | null
  readonly now: Step | null
}

/**
 * Steps that came to something else in the other run: another state, or only one of the two has them. Calls of one name
 * and key are paired in the order of their numbers.
 */
export function differentSteps(before: readonly Step[], now: readonly Step[]): StepPair[] {
  const nameOf = ({ name, key }: Step): string => (key === null ? name : `${name} ${key}`)
  const [old, young] = [Map.groupBy(before, nameOf), Map.groupBy(now, nameOf)]
  const names = [...new Set([...young.keys(), ...old.keys()])]
  return names.flatMap((name) => {
    const [a, b] = [old.get(name) ?? [], young.get(name) ?? []]
    const pairs = Array.from({ length: Math.max(a.length, b.length) }, (_, nth) => ({
      name,
      before: a[nth] ?? null,
      now: b[nth] ?? null,
    }))
    return pairs.filter((pair) => pair.before?.state !== pair.now?.state)
  })
}
