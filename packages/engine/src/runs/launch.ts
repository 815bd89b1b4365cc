import { type Run, type RunTarget, SluiceError } from '@sluice/core'
import type { Store } from '../store/ports.ts'

const alphabet = '0123456789abcdefghijklmnopqrstuvwxyz'

/** `r`, nine characters of time, eleven of chance: sorts by when it was made. */
export function newRunId(now: number): string {
  const random = crypto.getRandomValues(new Uint8Array(11))
  return `r${now.toString(36).padStart(9, '0')}${Array.from(random, (byte) => alphabet[byte % 36]).join('')}`
}

export interface NewRun {
  readonly target: RunTarget
  /** Encoded; `null` for none. */
  readonly params: string | null
  readonly title?: string | null
  readonly tags?: Readonly<Record<string, string>>
  readonly entry: string | null
  readonly retryOf?: string | null
  readonly now: number
}

/** A run that waits to be claimed, as a row. */
export function newRun({ target, params, title = null, tags = {}, entry, retryOf = null, now }: NewRun): Run {
  return {
    id: newRunId(now),
    state: 'waiting',
    waitingFor: { for: 'worker' },
    epoch: 0,
    target,
    name: target.kind === 'assets' ? target.selection : target.name,
    title,
    params,
    tags,
    entry,
    codeVersion: null,
    owner: null,
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

/** Takes a run for this process and reads it as it is after the claim; one that is new is made by the same commit. */
export async function claimRun(
  store: Store,
  run: Run,
  owner: string,
  codeVersion: string | null,
  now: number,
): Promise<Run> {
  const claim = { change: 'run.claim', run: run.id, from: run.epoch, owner, at: now, codeVersion } as const
  const { retryOf } = run
  // A retry has the successes of the run before it as soon as it is there: one that dies early goes on with them.
  const adopt = retryOf === null ? [] : [{ change: 'run.adopt', run: run.id, epoch: 1, from: retryOf } as const]
  const [committed] = await store.commit(run.epoch === 0 ? [[{ change: 'run.create', run }, claim, ...adopt]] : [claim])
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
