import {
  type AnyAsset,
  type Column,
  type IoFactory,
  type IoManager,
  type StoredValue,
  SluiceError,
  columnsOf,
  encode,
  isSql,
} from '@sluice/core'
import { type Frame, signalOf } from '../steps/frame.ts'
import { files } from './files.ts'

/** Where the values of one process's runs are: the configured place, and files for large results of tasks. */
export interface ValuePlaces {
  /** A result of a step that is too long for its row. */
  writeResult(text: string, frame: Frame): Promise<StoredValue>
  readResult(stored: StoredValue): Promise<unknown>
  write(asset: AnyAsset, partition: string | null, value: unknown, frame: Frame): Promise<StoredValue>
  read(asset: AnyAsset, partition: string | null, stored: StoredValue): Promise<unknown>
  /** Best effort: what people look at points at the newest value. */
  published(asset: AnyAsset, partition: string | null, stored: StoredValue): Promise<void>
  manager(name: string): Promise<IoManager>
  /** The names of the managers that were needed so far. */
  opened(): readonly string[]
  close(): Promise<void>
}

export interface Place {
  /** Where asset values go; default `files()`. */
  readonly values: IoFactory | undefined
  /** Where large results of tasks go; default `files()`. */
  readonly results?: IoFactory
  /** Further places that values are read from, wherever new ones go. */
  readonly besides?: readonly IoFactory[]
  /** The project's folder. */
  readonly root: string
  /** Its `.sluice`. */
  readonly home: string
  readonly readOnly: boolean
}

export function openValuePlaces(place: Place): ValuePlaces {
  const main = place.values ?? files()
  const results = place.results ?? files()
  const factories = new Map([...(place.besides ?? []), results, main].map((factory) => [factory.name, factory]))
  const opened = new Map<string, Promise<IoManager>>()
  const columns = new WeakMap<AnyAsset, readonly Column[] | null>()

  const manager = (name: string): Promise<IoManager> => {
    let one = opened.get(name)
    if (!one) {
      const factory = factories.get(name)
      if (!factory) {
        throw new SluiceError('CONFIG_INVALID', `A value is kept by "${name}", which is not configured here.`, {
          hint: 'Set the same `values` in sluice.config.ts that it was written with.',
        })
      }
      one = factory.open(place)
      one.catch(() => opened.delete(name))
      opened.set(name, one)
    }
    return one
  }
  const columnsOfAsset = (asset: AnyAsset): readonly Column[] | null => {
    const found = columns.get(asset) ?? (asset.options.columns ? columnsOf(asset.options.columns) : null)
    columns.set(asset, found)
    return found
  }
  const slotOf = ({
    session,
    entry,
    attempt,
  }: Frame): { run: string; epoch: number; step: number; attempt: number } => ({
    run: session.run.id,
    epoch: session.run.epoch,
    step: entry.step,
    attempt,
  })

  return {
    manager,
    opened: () => [...opened.keys()],
    async writeResult(text, frame) {
      const name = `steps/${frame.name}`
      const io = await manager(results.name)
      const written = await io.write(text, {
        name,
        partition: null,
        slot: slotOf(frame),
        columns: null,
        signal: signalOf(frame),
      })
      return { io: results.name, ...written }
    },
    async readResult(stored) {
      if ('inline' in stored) throw new SluiceError('INTERNAL', 'An inline result needs no reading.')
      return (await manager(stored.io)).read(stored.ref, { name: 'a step', partition: null, columns: null })
    },
    async write(asset, partition, value, frame) {
      const table = columnsOfAsset(asset)
      const io = await manager(main.name)
      if (isSql(value) && !io.sql) {
        throw new SluiceError(
          'SQL_NEEDS_ENGINE',
          `"${asset.name}" gives SQL, and its values live in ${io.name}, which runs none.`,
          {
            hint: "Set values: duckdb('warehouse.duckdb') in sluice.config.ts (npm install @sluice/duckdb).",
          },
        )
      }
      if (table && !isSql(value) && !isRows(value)) {
        throw new SluiceError(
          'ROW_INVALID',
          `"${asset.name}" has columns, and gave ${value === null ? 'null' : typeof value} instead of rows.`,
          {
            hint: 'Return a list of rows, yield them, or return sql`…`.',
          },
        )
      }
      // The encoding is checked here for every manager: what cannot round-trip fails at once.
      const given = table ? value : encode(value)
      const context = {
        name: asset.name,
        partition,
        slot: slotOf(frame),
        columns: table,
        signal: signalOf(frame),
        view: asset.options.materialize === 'view',
      }
      return { io: io.name, ...(await io.write(given, context)) }
    },
    async read(asset, partition, stored) {
      if ('inline' in stored) throw new SluiceError('INTERNAL', 'The value of an asset is never inline.')
      return (await manager(stored.io)).read(stored.ref, {
        name: asset.name,
        partition,
        columns: columnsOfAsset(asset),
      })
    },
    async published(asset, partition, stored) {
      if ('inline' in stored) return
      const io = await manager(stored.io)
      await io.published?.(stored.ref, { name: asset.name, partition, columns: columnsOfAsset(asset) })
    },
    async close() {
      const all = [...opened.values()]
      opened.clear()
      for (const io of all) await (await io).close()
    },
  }
}

function isRows(value: unknown): boolean {
  return typeof value === 'object' && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value)
}
