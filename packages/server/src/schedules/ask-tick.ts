import type { Requested } from '@sluice/api/workers'
import { type AskedRun, type NewTick, tickFailure, tickWithout } from '@sluice/engine'
import type { Context } from '../context.ts'
import type { ActiveCode } from '../locations/locations.ts'
import type { Entry } from './entries.ts'
import { jobTick } from './job-tick.ts'

/** How long the code may take to say what a tick launches. */
export const tickWithin = 30_000
/** How often a tick is asked for again when the process that was asked died: it may have been another's fault. */
const mostAsks = 3
/** Until nobody to ask is asked again. */
const wait = 1_000

/** What the code says of a tick: runs, or a record without any. `null`: nobody could be asked now. */
export type Said = { readonly runs: readonly AskedRun[] } | { readonly record: NewTick } | null

export async function askTick(context: Context, entry: Entry, code: ActiveCode, tick: number): Promise<Said> {
  const { name } = entry.state
  const { timetable, tags } = entry.spec
  const at = { scheduledFor: tick, decidedAt: context.now() }
  const request = { request: 'tick', schedule: name, scheduledFor: tick, timeZone: timetable.timeZone } as const
  try {
    const said: Requested =
      entry.state.origin === 'api'
        ? { runs: await jobTick(context, code, entry.spec, tick) }
        : ((await context.connections.ask(code.location, code.version, request, tickWithin)) as Requested)
    entry.asked = 0
    if ('skipped' in said) return { record: tickWithout('skipped', said.skipped, at) }
    return { runs: said.runs.map((one) => ({ ...one, tags: { ...tags, ...one.tags } })) }
  } catch (error) {
    if (isAway(error) || (isDead(error) && ++entry.asked < mostAsks)) {
      entry.waitUntil = context.now() + wait
      return null
    }
    entry.asked = 0
    return { record: tickWithout('failed', tickFailure(`Schedule "${name}"`, error), at) }
  }
}

const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code
/** Nobody could be asked, which is no fault of the code: none has it, or who has it cannot load it just now. */
export const isAway = (error: unknown): boolean =>
  ['WORKER_UNKNOWN', 'NOT_FOUND', 'LOAD_FAILED'].includes(String(codeOf(error)))
const isDead = (error: unknown): boolean => codeOf(error) === 'CHILD_EXITED'
