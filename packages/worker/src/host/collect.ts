import { type Duration, milliseconds } from '@sluice/core'
import { connectStore, ipcChannel } from '@sluice/engine/store'
import type { CollectRequest, CollectedAnswer } from '../messages.ts'
import type { Program } from './host.ts'
import { settingsFor } from './run.ts'

const KEPT: Duration = '30d'

/** Deletes values that nobody needs, wherever the configuration keeps them. */
export async function collectGarbage(program: Program, request: CollectRequest): Promise<CollectedAnswer> {
  const { collectValues, openValuePlaces } = await import('@sluice/engine')
  const { root, home } = program
  const settings = await settingsFor(program, request)
  const store = connectStore(ipcChannel(process, 'store'))
  const { keep = settings.config.keepValues ?? KEPT, dryRun } = request
  const values = openValuePlaces({ values: settings.values, root, home, readOnly: dryRun })
  try {
    const managers = [...new Set(['files', settings.values?.name ?? 'files'])]
    const before = Date.now() - milliseconds(keep)
    return { ...(await collectValues({ store, values, managers, before, dryRun })), keep }
  } finally {
    await values.close()
  }
}
