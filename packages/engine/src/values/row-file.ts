import type { FileHandle } from 'node:fs/promises'
import { StringDecoder } from 'node:string_decoder'

/** One buffer for a whole file, used again and again: garbage outside the heap is collected late, and a file has much of it. */
const written = 1 << 20
const read = 1 << 18

export interface LineWriter {
  /** Takes the line; gives it back where it must be given to `spill` instead, as there is no room. */
  add(line: string): string | undefined
  spill(line: string): Promise<void>
  /** Writes what is left; gives how many bytes there were. */
  end(): Promise<number>
}

/** Writes lines to a file, many at a time. `onFlush` may throw to stop it. */
export function lineWriter(handle: FileHandle, onFlush: () => void): LineWriter {
  const buffer = Buffer.allocUnsafe(written)
  let size = 0
  let bytes = 0
  const flush = async (): Promise<void> => {
    const data = buffer.subarray(0, size)
    size = 0
    bytes += data.length
    await handle.writeFile(data)
    onFlush()
  }
  const add = (line: string): string | undefined => {
    // A UTF-16 unit is three bytes of UTF-8 at most: only a line that might not fit is measured.
    if (line.length * 3 > buffer.length - size && Buffer.byteLength(line) > buffer.length - size) return line
    size += buffer.write(line, size)
    return undefined
  }
  return {
    add,
    async spill(line) {
      await flush()
      if (add(line) === undefined) return
      const data = Buffer.from(line)
      bytes += data.length
      await handle.writeFile(data)
    },
    async end() {
      await flush()
      return bytes
    },
  }
}

/** The lines of a file, in batches of those that were read together. */
export async function* readLines(handle: FileHandle): AsyncGenerator<readonly string[]> {
  const buffer = Buffer.allocUnsafe(read)
  const decoder = new StringDecoder('utf8')
  let rest = ''
  for (;;) {
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, null)
    if (bytesRead === 0) return
    const text = decoder.write(buffer.subarray(0, bytesRead))
    // A line of many megabytes is put together once, not looked through again with every piece of it.
    const end = text.lastIndexOf('\n')
    if (end < 0) {
      rest += text
      continue
    }
    const lines = (rest + text.slice(0, end)).split('\n')
    rest = text.slice(end + 1)
    yield lines
  }
}
