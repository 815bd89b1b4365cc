import { collect } from '@sluice/core'
import type { ReadyRequest } from '../messages.ts'
import type { Program } from './host.ts'
import { settingsFor } from './run.ts'

/**
 * Refuses a run that could not open what it needs, before there is one.
 *
 * @throws SluiceError RESOURCE_MISSING.
 */
export async function ready(program: Program, request: ReadyRequest): Promise<void> {
  const { assets } = collect(program.exports)
  const resources = new Set(request.assets.flatMap((name) => Object.values(assets.get(name)?.options.resources ?? {})))
  if (resources.size === 0) return
  const { configured } = await settingsFor(program, request)
  const { openResourcePool, processResources } = await import('@sluice/engine')
  await openResourcePool(configured, processResources).check(resources)
}
