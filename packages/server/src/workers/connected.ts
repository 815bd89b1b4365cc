import type { FromWorker } from '@sluice/api/workers'
import { protocolVersion } from '@sluice/api/workers'
import { SluiceError } from '@sluice/core'
import type { Channel } from '@sluice/engine'
import type { inner } from './inner-channel.ts'

/** A worker that is connected to this server. */
export interface Connected {
  readonly session: string
  readonly name: string
  readonly pool: string
  readonly slots: number
  readonly channel: Channel
  readonly versions: Map<string, Set<string>>
  readonly runs: Map<string, Open>
  /** It gets code by itself, where it is told which. */
  readonly fetches: boolean
  draining: boolean
}

interface Open {
  readonly epoch: number
  /** The end of the run's own store channel. */
  readonly frames: ReturnType<typeof inner>
}

/** How many runs it may be given now. */
export const roomOf = (worker: Connected): number => (worker.draining ? 0 : worker.slots - worker.runs.size)

export const hasCode = (worker: Connected, location: string, version: string): boolean =>
  worker.versions.get(location)?.has(version) === true

/** Why a worker that says this may not join; `null`: it may. */
export function refusal(
  hello: Extract<FromWorker, { message: 'hello' }>,
  pools: readonly string[] | undefined,
): SluiceError | null {
  if (hello?.message !== 'hello') return new SluiceError('REQUEST_INVALID', 'A worker must say hello first.')
  if (hello.protocol !== protocolVersion) {
    return new SluiceError(
      'PROTOCOL_VERSION',
      `This server speaks version ${protocolVersion} of the worker protocol; the worker speaks ${hello.protocol}.`,
      { hint: 'Install the same version of sluice on both.' },
    )
  }
  const { pool, slots } = hello.worker
  if (!Number.isInteger(slots) || slots < 1)
    return new SluiceError('REQUEST_INVALID', `${slots} is no number of slots.`)
  if (pools && !pools.includes(pool))
    return new SluiceError('FORBIDDEN', `This token does not let a worker join the pool "${pool}".`)
  return null
}

/** In a sentence: how the process of a run ended by itself, and in the middle of which steps. */
export function describeDeath(
  { exitCode, signal }: { readonly exitCode: number | null; readonly signal: string | null },
  steps: readonly string[],
): string {
  const how = signal === null ? `its process ended with exit code ${exitCode}` : `its process was ended by ${signal}`
  if (steps.length === 0) return how
  const names = steps.slice(0, 5).join(', ')
  return `${how}, in the middle of ${names}${steps.length > 5 ? ` and ${steps.length - 5} more` : ''}`
}
