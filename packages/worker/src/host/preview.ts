import { type Table, SluiceError, collect, encode, installCalls } from '@sluice/core'
import { connectStore, ipcChannel } from '@sluice/engine/store'
import type { Preview, PreviewRequest } from '../messages.ts'
import type { Program } from './host.ts'
import { refusingCalls, settingsFor } from './run.ts'

/** Reads the stored value of an asset, as far as a person wants to see it. */
export async function preview(program: Program, request: PreviewRequest): Promise<Preview> {
  const engine = await import('@sluice/engine')
  const { root, home } = program
  const asset = collect(program.exports).assets.get(request.asset)
  if (!asset)
    throw new SluiceError('ASSET_UNKNOWN', `There is no asset "${request.asset}".`, {
      hint: 'sluice assets list shows all.',
    })
  const settings = await settingsFor(program, request)
  const store = connectStore(ipcChannel(process, 'store'))
  const besides = [engine.files(), engine.storeValues(store)]
  const values = engine.openValuePlaces({ values: settings.values, besides, root, home, readOnly: true })
  const before = installCalls(
    engine.createCalls({
      ...refusingCalls,
      log: () => {},
      load: (other, partition) => engine.loadAsset(store, values, other, partition),
      partitions: (name) => engine.dynamicKeys(store, name),
    }),
  )
  try {
    const value = await engine.loadAsset(store, values, asset, request.partition ?? undefined)
    return asset.options.columns
      ? await rowsOf(value as Table<unknown>, request.limit)
      : previewOf(value, request.limit)
  } finally {
    installCalls(before)
    await values.close()
  }
}

/** One row more than is shown is read, to know whether there are more. */
async function rowsOf(table: Table<unknown>, limit: number): Promise<Preview> {
  const rows = await Array.fromAsync(table.rows({ limit: limit + 1 }))
  return { shape: 'rows', rows: encode(rows.slice(0, limit)), total: rows.length > limit ? null : rows.length }
}

function previewOf(value: unknown, limit: number): Preview {
  if (!Array.isArray(value)) return { shape: 'value', value: encode(value) }
  return { shape: 'rows', rows: encode(value.slice(0, limit)), total: value.length }
}
