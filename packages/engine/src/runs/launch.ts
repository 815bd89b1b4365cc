import { type Run, type RunCause, type RunTarget, type RunTerms, SluiceError } from '@sluice/core'
import type { Change } from '../store/changes.ts'
import type { Store } from '../store/ports.ts'

const alphabet = '0123456789abcdefghijklmnopqrstuvwxyz'

/** `r`, nine characters of time, eleven of chance: sorts by when it was made. */
export const newRunId = (now: number): string => newId('r', now)

/** The same with another letter: `w` for the session of a worker. */
export function newId(letter: string, now: number): string {
  let id = letter + now.toString(36).padStart(9, '0')
  for (let n = 0; n < 11; n++) id += alphabet[randomByte() % 36]
  return id
}

/** Asked for many at a time: thousands of ids are made at once. */
const pool = new Uint8Array(4_096)
let used = pool.length

function randomByte(): number {
  if (used === pool.length) {
    crypto.getRandomValues(pool)
    used = 0
  }
  return pool[used++]!
}

export interface NewRun {
  readonly target: RunTarget
  /** Encoded; `null` for none. */
  readonly params: string | null
  readonly title?: string | null
  readonly tags?: Readonly<Record<string, string>>
  readonly entry: string | null
  readonly retryOf?: string | null
  readonly job?: string | null
  /** For a run that waits for a worker. */
  readonly terms?: RunTerms | null
  /** Default: a person. */
  readonly cause?: RunCause
  readonly owners?: readonly string[]
  /** Not before this, for a run that waits for a worker; milliseconds since 1970. */
  readonly startAt?: number | null
  readonly now: number
}

/** A run that waits to be claimed, as a row. */
export function newRun(given: NewRun): Run {
  const { target, params, title = null, tags = {}, entry, retryOf = null, now, startAt = null } = given
  return {
    id: newRunId(now),
    state: 'waiting',
    waitingFor: startAt === null ? { for: 'worker' } : { for: 'time', until: startAt },
    epoch: 0,
    target,
    name: nameOf(target),
    title,
    params,
    tags,
    entry,
    codeVersion: null,
    owner: null,
    job: given.job ?? null,
    terms: given.terms ?? null,
    cause: given.cause ?? { by: retryOf === null ? 'person' : 'retry' },
    owners: given.owners ?? [],
    retryOf,
    resumes: 0,
    cancelRequested: false,
    error: null,
    result: null,
    createdAt: now,
    startedAt: null,
    endedAt: null,
  }
}

/** Of a run that only tests it is another than of one that makes the same assets: neither goes on with the other. */
function nameOf(target: RunTarget): string {
  if (target.kind === 'checks') return `checks of ${target.selection}`
  return target.kind === 'assets' ? target.selection : target.name
}

/** Whose successes a run begins with. */
export type Adopt = Pick<Extract<Change, { change: 'run.adopt' }>, 'from' | 'without'>

/** Takes a run for this process and reads it as it is after the claim; one that is new is made by the same commit. */
export async function claimRun(
  store: Store,
  run: Run,
  owner: string,
  codeVersion: string | null,
  now: number,
  adopt: Adopt | null = run.retryOf === null ? null : { from: run.retryOf },
): Promise<Run> {
  const claim = { change: 'run.claim', run: run.id, from: run.epoch, owner, at: now, codeVersion } as const
  // A retry has the successes of the run before it as soon as it is there: one that dies early goes on with them.
  const adopted = adopt === null ? [] : [{ ...adopt, change: 'run.adopt', run: run.id, epoch: 1 } as const]
  const [committed] = await store.commit(
    run.epoch === 0 ? [[{ change: 'run.create', run }, claim, ...adopted]] : [claim],
  )
  const claimed = committed?.ok ? await store.runs.get(run.id) : null
  if (claimed && claimed.epoch === run.epoch + 1) return claimed
  throw new SluiceError('RUN_ACTIVE', `Run ${run.id} was taken by another process.`, {
    hint: `sluice runs show ${run.id} shows what it does.`,
  })
}

/** The title of a run: `sync {region}` with its params put in. */
export function titleOf(template: string | undefined, params: unknown): string | null {
  if (template === undefined) return null
  const given = (params ?? {}) as Record<string, unknown>
  return template.replaceAll(/\{([^{}]+)\}/g, (whole, name: string) => {
    const value = given[name]
    return value === undefined ? whole : typeof value === 'string' ? value : JSON.stringify(value)
  })
}
