import { type Entity, type StoredError, toStoredError } from '@sluice/core'
import { type Change, type DecidedConditions, planRequested } from '@sluice/engine'
import type { Deployment, Held } from './held.ts'

interface Planned {
  readonly entityOf: ReadonlyMap<Entity, { readonly run: string | null; readonly error: StoredError | null }>
  readonly changes: readonly Change[]
  readonly errors: readonly string[]
}

/** The runs of a look, as changes, and which entity is in which. */
export function planRuns({ known }: Held, { codes }: Deployment, { runs }: DecidedConditions, at: number): Planned {
  const entityOf = new Map<Entity, { run: string | null; error: StoredError | null }>()
  const changes: Change[] = []
  const errors: string[] = []
  for (const [nth, requested] of runs.entries()) {
    const { entities, location } = requested
    let outcome: { run: string | null; error: StoredError | null } = { run: null, error: null }
    try {
      const newest = (name: string) => known.assets.get(name)?.newest?.partition ?? null
      // Ids sort by time: runs of one commit keep their order in the queue.
      const run = planRequested({ requested, snapshot: codes.get(location)!.snapshot, newest, now: at + nth })
      if (run) changes.push({ change: 'run.create', run })
      outcome = { run: run?.id ?? null, error: null }
    } catch (error) {
      errors.push(`The condition of ${entities.map(({ id }) => id).join(', ')}: ${(error as Error).message}`)
      outcome = { run: null, error: toStoredError(error) }
    }
    for (const entity of entities) entityOf.set(entity, outcome)
  }
  return { entityOf, changes, errors }
}
