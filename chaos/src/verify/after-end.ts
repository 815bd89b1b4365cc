import { isDeepStrictEqual } from 'node:util'
import { check } from '@sluice/storage'
import { join } from 'node:path'
import { type Line, readLog } from '../log.ts'
import { type Ended, type Place, logOf } from '../program.ts'
import { replayWhole } from '../replay-whole.ts'
import type { Scenario } from '../scenarios.ts'
import { type Snapshot, integrity, marksIn, readSnapshot, textOf } from './snapshot.ts'

/** One thing that was looked at, and what was wrong. */
export interface Verdict {
  readonly what: string
  readonly breaches: readonly string[]
}

/** What a run comes to that nobody disturbs. */
export interface Undisturbed {
  readonly fixed: unknown
  /** Milliseconds until the function begins, and from there to the end. */
  readonly beginsAfter: number
  readonly runsFor: number
}

/** What must hold once a run is through. */
export async function afterEnd(given: {
  scenario: Scenario
  place: Place
  undisturbed: Undisturbed
  last: Ended
}): Promise<Verdict[]> {
  const { scenario, place, undisturbed, last } = given
  const now = readSnapshot(place.home)
  const log = readLog(logOf(place.home))
  const said = (what: string, breaches: readonly string[]): Verdict => ({ what: `${scenario.name}: ${what}`, breaches })
  return [
    said('its value', [...through(scenario, now, last), ...unlike(now, undisturbed), ...mixed(place.home, now)]),
    said('the order of outcomes', disordered(scenario, log)),
    said('the store', [
      ...integrity(place.home),
      ...check(join(place.home, 'sluice.db')),
      ...(now.runs > 1 ? ['there are two runs'] : []),
    ]),
    said('a replay of its journal', await unrepeatable(place, scenario, now)),
  ]
}

function through(scenario: Scenario, { run }: Snapshot, last: Ended): string[] {
  if (run?.state === scenario.state) return []
  return [`it ended ${run?.state}, not ${scenario.state}: ${last.stderr.trim().slice(-600)}`]
}

function unlike(now: Snapshot, { fixed }: Undisturbed): string[] {
  const own = fixedOf(now)
  return isDeepStrictEqual(own, fixed)
    ? []
    : [`its value is ${JSON.stringify(own)}; undisturbed it is ${JSON.stringify(fixed)}`]
}

/** The part of a value that chance has no say in; for a run of assets, what became of each. */
export function fixedOf({ run, steps }: Snapshot): unknown {
  const value = run?.result ? (JSON.parse(run.result) as { fixed?: unknown }) : {}
  if (value.fixed !== undefined) return value.fixed
  return Object.fromEntries(
    [...steps.values()].map((row) => [row.identity, row.state]).toSorted(([a], [b]) => (a! < b! ? -1 : 1)),
  )
}

/** What an asset was made from is what is kept of the assets above it, not what some dead attempt had made. */
function mixed(home: string, { materializations }: Snapshot): string[] {
  const texts = materializations.map((one) => ({ ...one, marks: marksIn(textOf(home, null, one.value_ref) ?? '') }))
  const kept = new Set(texts.map(({ marks }) => marks[0]))
  return texts.flatMap(({ asset, partition, marks }) =>
    [...new Set(marks)]
      .filter((made) => !kept.has(made))
      .map((made) => `${asset} ${partition} was made from ${made}, which is not kept`),
  )
}

/** Each process got its outcomes in the order of the last one, as far as it came. */
function disordered(scenario: Scenario, log: readonly Line[]): string[] {
  if (!scenario.ordered) return []
  const lives: Line[][] = []
  const byPid = new Map<number, Line[]>()
  for (const line of log) {
    if (line.phase === 'begin') {
      const life: Line[] = []
      byPid.set(line.pid, life)
      lives.push(life)
    }
    if (line.phase === 'got') byPid.get(line.pid)!.push(line)
  }
  const orders = lives.map((life) => {
    const failure = scenario.voids ? life.findIndex(({ failed }) => failed) : -1
    return (failure < 0 ? life : life.slice(0, failure)).map(({ made }) => made)
  })
  const whole = orders.reduce((longest, order) => (order.length >= longest.length ? order : longest), [])
  return orders.flatMap((order, nth) => {
    const at = order.findIndex((made, index) => made !== whole[index])
    return at < 0
      ? []
      : [`life ${nth + 1} of ${orders.length} got ${order[at]} as outcome ${at + 1}, another got ${whole[at]}`]
  })
}

async function unrepeatable(place: Place, scenario: Scenario, now: Snapshot): Promise<string[]> {
  const { ended, snapshot, starts } = await replayWhole(place, scenario)
  const breaches: string[] = []
  if (starts > 0) breaches.push(`it executed ${starts} bodies`)
  if (snapshot.run?.state !== now.run?.state)
    breaches.push(`it ended ${snapshot.run?.state}: ${ended.stderr.trim().slice(-600)}`)
  else if (snapshot.run?.result !== now.run?.result)
    breaches.push(`its value is ${snapshot.run?.result?.slice(0, 300)} and was ${now.run?.result?.slice(0, 300)}`)
  if (snapshot.steps.size !== now.steps.size)
    breaches.push(`it made ${snapshot.steps.size - now.steps.size} steps more`)
  return breaches
}
