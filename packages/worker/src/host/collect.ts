import { milliseconds } from '@sluice/core'
import { connectStore, ipcChannel } from '@sluice/engine/store'
import type { CollectRequest, CollectedAnswer } from '../messages.ts'
import type { Program } from './host.ts'
import { settingsFor } from './run.ts'

/** Deletes values that nobody needs, wherever the configuration keeps them. */
export async function collectGarbage(program: Program, request: CollectRequest): Promise<CollectedAnswer> {
  const { KEPT, VERSIONS, collectValues, openValuePlaces, storeValues } = await import('@sluice/engine')
  const { root, home } = program
  const settings = await settingsFor(program, request)
  const store = connectStore(ipcChannel(process, 'store'))
  const { keep = settings.config.keepValues ?? KEPT, dryRun } = request
  // Who says how old they must be asks for nothing else.
  const versions = request.keep === undefined ? (settings.config.keepVersions ?? VERSIONS) : undefined
  const besides = [storeValues(store)]
  const values = openValuePlaces({ values: settings.values, besides, root, home, readOnly: dryRun })
  try {
    const managers = [...new Set(['files', 'store', settings.values?.name ?? 'files'])]
    const before = Date.now() - milliseconds(keep)
    return { ...(await collectValues({ store, values, managers, before, versions, dryRun })), keep }
  } finally {
    await values.close()
  }
}
