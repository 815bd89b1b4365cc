import type { Location, Worker } from '@sluice/core'
import type { Candidate } from '../store/ports.ts'

/** The code that a run is to be executed with; or what it waits for, or why it cannot go on. */
export type ChosenVersion =
  | { readonly version: string }
  | { readonly wait: string | undefined }
  | { readonly fail: string }

/**
 * A run keeps the code that it started with, as long as a worker of its pool has it. Where none has, `onCodeChange`
 * says: go on with the active version, wait for the old one, or fail. A run that never started takes the active one.
 */
export function chooseVersion(
  run: Pick<Candidate, 'location' | 'codeVersion'> & { readonly onCodeChange: 'resume' | 'wait' | 'fail' },
  locations: readonly Pick<Location, 'name' | 'active'>[],
  workers: readonly Pick<Worker, 'versions'>[],
): ChosenVersion {
  const active = locations.find(({ name }) => name === run.location)?.active ?? undefined
  const has = (version: string): boolean =>
    workers.some(({ versions }) => versions[run.location]?.includes(version) === true)
  const own = run.codeVersion ?? undefined
  if (own !== undefined && has(own)) return { version: own }
  if (own !== undefined && own !== active) {
    if (run.onCodeChange === 'wait') return { wait: own }
    if (run.onCodeChange === 'fail') return { fail: own }
  }
  if (active === undefined || !has(active)) return { wait: active }
  return { version: active }
}
