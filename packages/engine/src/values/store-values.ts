import {
  type IoFactory,
  type IoManager,
  type Json,
  type Rows,
  type Table,
  type WriteContext,
  SluiceError,
  decode,
  placeOf,
  rowEncoder,
  slotOf,
} from '@sluice/core'
import type { Store } from '../store/ports.ts'

/** Characters of one piece: a commit each, a message each. */
const pieceSize = 1 << 20

/** What the references of these values are kept under, in the store. */
const folder = 'values/'

const blobOf = (ref: Json): string => folder + (ref as string)

/**
 * Values in the store itself: the default of workers that share no disk with others. A value is text in pieces, and
 * crosses every channel that the journal crosses; for much data an integration that all machines reach is better.
 */
export function storeValues(store: Pick<Store, 'commit' | 'blobs'>): IoFactory {
  return { name: 'store', open: () => Promise.resolve(open(store)) }
}

function open({ commit, blobs }: Pick<Store, 'commit' | 'blobs'>): IoManager {
  const put = async (ref: string, piece: number, text: string): Promise<void> => {
    const [done] = await commit([{ change: 'blob.put', ref, piece, text }])
    if (!done?.ok) throw new SluiceError('STORE_FAILED', `A value could not be kept in the store: ${done?.code}.`)
  }
  const missing = (name: string): SluiceError =>
    new SluiceError('VALUE_MISSING', `The value of "${name}" is not in the store any more.`, {
      hint: `sluice materialize ${name} makes it again.`,
    })

  async function* pieces(ref: string, name: string): AsyncGenerator<string> {
    for (let piece = 0; ; piece++) {
      const text = await blobs.piece(ref, piece)
      if (text === null && piece === 0) throw missing(name)
      if (text === null) return
      yield text
    }
  }

  return {
    name: 'store',
    sql: false,
    async write(value, context) {
      const place = placeOf(context)
      const ref = folder + place
      if (context.columns)
        return {
          ref: place,
          ...(await writeRows((piece, text) => put(ref, piece, text), value as Rows<unknown>, context)),
        }
      const text = value as string
      let piece = 0
      for (let at = 0; at < text.length || piece === 0;) {
        const end = endOfPiece(text, at)
        await put(ref, piece++, text.slice(at, end))
        context.signal.throwIfAborted()
        at = end
      }
      return { ref: place, bytes: Buffer.byteLength(text), rows: null }
    },
    async read(ref, { name, columns }) {
      const place = blobOf(ref)
      if (columns) return tableOf(name, () => pieces(place, name))
      const text = (await Array.fromAsync(pieces(place, name))).join('')
      try {
        return decode(text)
      } catch (cause) {
        throw new SluiceError('VALUE_CORRUPT', `The value of "${name}" cannot be read back.`, { cause })
      }
    },
    async remove(refs: readonly Json[]) {
      await commit([{ change: 'blob.remove', refs: refs.map(blobOf) }])
    },
    async *list() {
      for (let after = ''; ;) {
        const some = await blobs.list({ prefix: folder, after })
        for (const found of some) {
          const slot = slotOf(found.slice(found.lastIndexOf('/') + 1))
          if (slot) yield { slot, ref: found.slice(folder.length) }
        }
        if (some.length < 1000) return
        after = some.at(-1)!
      }
    },
    close: () => Promise.resolve(),
  }

  /** Each reading begins at the first piece again. */
  function tableOf(name: string, open: () => AsyncIterable<string>): Table<unknown> {
    async function* rows({ limit = Infinity }: { limit?: number } = {}): AsyncGenerator<unknown> {
      if (limit <= 0) return
      let count = 0
      for await (const text of open()) {
        for (const line of text.split('\n')) {
          if (line === '') continue
          yield decode(line)
          if (++count >= limit) return
        }
      }
    }
    return { name, rows, toArray: () => Array.fromAsync(rows()) }
  }
}

/** Not between the two halves of one character: each would be lost on the way. */
function endOfPiece(text: string, from: number): number {
  const end = from + pieceSize
  const last = text.charCodeAt(end - 1)
  return last >= 0xd800 && last < 0xdc00 ? end - 1 : end
}

/** Whole lines in each piece. */
async function writeRows(
  put: (piece: number, text: string) => Promise<void>,
  rows: Rows<unknown>,
  { name, columns, signal }: WriteContext,
): Promise<{ bytes: number; rows: number }> {
  const line = rowEncoder(name, columns!)
  let [text, piece, bytes, count] = ['', 0, 0, 0]
  const flush = async (): Promise<void> => {
    bytes += Buffer.byteLength(text)
    await put(piece++, text)
    text = ''
    signal.throwIfAborted()
  }
  for await (const row of rows) {
    text += `${line(row)}\n`
    count += 1
    if (text.length >= pieceSize) await flush()
  }
  if (text !== '' || piece === 0) await flush()
  return { bytes, rows: count }
}
