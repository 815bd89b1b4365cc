import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { readLog } from './log.ts'
import { type Ended, type Place, logOf, start } from './program.ts'
import type { Random } from './random.ts'
import type { Scenario } from './scenarios.ts'
import { declareDead, stopBetweenWrites } from './take-over.ts'
import { afterKill } from './verify/after-kill.ts'
import { type Undisturbed, type Verdict, afterEnd } from './verify/after-end.ts'
import { type Snapshot, readSnapshot } from './verify/snapshot.ts'

/** What happens to one process: it is killed there, or stopped while another takes its run over. */
export type Blow =
  | { readonly at: 'start-up' | 'running' | 'end'; readonly after: number }
  | { readonly at: 'zombie'; readonly after: number; readonly later: number }
  | { readonly at: 'point'; readonly env: Readonly<Record<string, string>> }

/** Draws where the next blow falls: spread over start-up, running and end. */
export function drawBlow(random: Random, { beginsAfter, runsFor }: Undisturbed, zombies: boolean): Blow {
  const kind = random()
  const after = random()
  if (kind < 0.1) return { at: 'start-up', after: after * beginsAfter }
  if (kind < 0.2) return { at: 'end', after: after * 12 }
  if (zombies && kind < 0.35) return { at: 'zombie', after: after * runsFor * 0.6, later: random() * runsFor * 0.3 }
  return { at: 'running', after: after * runsFor * 0.6 }
}

/** Hits one run again and again, then leaves it alone to its end; what was found on the way. */
export async function disturb(given: {
  readonly scenario: Scenario
  readonly place: Omit<Place, 'home'>
  /** A folder for this run alone; removed where all went well. */
  readonly folder: string
  readonly undisturbed: Undisturbed
  /** The next blow, or `undefined` for none any more. */
  readonly next: () => Blow | undefined
  readonly onKill: () => void
}): Promise<readonly Verdict[]> {
  const { scenario, undisturbed } = given
  mkdirSync(given.folder, { recursive: true })
  const home = mkdtempSync(join(given.folder, `${scenario.name}-`))
  const place = { ...given.place, home }
  const verdicts: Verdict[] = []
  let before = readSnapshot(home)
  let from = 0
  const look = (what: string): void => {
    const log = readLog(logOf(home))
    const now = readSnapshot(home)
    verdicts.push({
      what: `${scenario.name}: ${what}`,
      breaches: afterKill({ scenario, home, before, now, log, from }),
    })
    before = now
    from = log.length
  }
  let last: Ended | undefined
  for (;;) {
    const blow = given.next()
    if (!blow) break
    const { ended, hit } =
      blow.at === 'zombie'
        ? await haunt(place, scenario, blow, (now) => {
            before = now
            from = readLog(logOf(home)).length
          })
        : await kill(place, scenario, blow)
    last = ended
    if (ended.hangs) verdicts.push({ what: scenario.name, breaches: [`it hung after a blow at ${blow.at}`] })
    if (!hit) break
    given.onKill()
    look(`after ${blow.at === 'point' ? blow.env['SLUICE_CRASH_AT'] : `a blow at ${blow.at}`}`)
    if (blow.at === 'zombie' || before.run?.state === scenario.state) break
    last = undefined
  }
  last ??= await start(place, scenario.name).ended
  look('at its end')
  verdicts.push(...(await afterEnd({ scenario, place, undisturbed, last })))
  if (verdicts.every(({ breaches }) => breaches.length === 0)) rmSync(home, { recursive: true, force: true })
  return verdicts
}

/** `hit`: it died of it, and had not been through before. */
async function kill(
  place: Place,
  scenario: Scenario,
  blow: Exclude<Blow, { at: 'zombie' }>,
): Promise<{ ended: Ended; hit: boolean }> {
  const program = start(place, scenario.name, blow.at === 'point' ? blow.env : {})
  if (blow.at !== 'point') {
    const moment =
      blow.at === 'start-up' ? Promise.resolve() : blow.at === 'running' ? program.begun : program.returning
    void moment.then(() => wait(blow.after)).then(() => program.child.kill('SIGKILL'))
  }
  const ended = await program.ended
  return { ended, hit: ended.signal === 'SIGKILL' }
}

/** It is stopped as if its machine slept; another process takes the run over; then it goes on, and must find itself fenced. */
async function haunt(
  place: Place,
  scenario: Scenario,
  blow: Extract<Blow, { at: 'zombie' }>,
  taken: (now: Snapshot) => void,
): Promise<{ ended: Ended; hit: boolean }> {
  const zombie = start(place, scenario.name)
  await Promise.race([zombie.begun.then(() => wait(blow.after)), zombie.ended])
  if (!(await stopBetweenWrites(place.home, zombie.child))) return { ended: await zombie.ended, hit: false }
  try {
    if (!(await declareDead(place.home)))
      return { ended: (zombie.child.kill('SIGCONT'), await zombie.ended), hit: false }
    const heir = start(place, scenario.name)
    await Promise.race([heir.begun, heir.ended])
    taken(readSnapshot(place.home))
    await Promise.race([wait(blow.later), heir.ended])
    zombie.child.kill('SIGCONT')
    const [ended, gone] = await Promise.all([heir.ended, zombie.ended])
    if (gone.code === 0)
      return {
        ended: {
          ...ended,
          stderr: `${ended.stderr}\nThe process that was succeeded says that all went well.`,
          code: ended.code ?? 1,
        },
        hit: true,
      }
    return { ended, hit: true }
  } finally {
    zombie.child.kill('SIGKILL')
  }
}
