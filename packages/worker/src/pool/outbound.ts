import { appendFileSync, closeSync, existsSync, ftruncateSync, mkdirSync, openSync, readSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { FromWorker } from '@sluice/api/workers'
import type { Room } from './spool.ts'

/** What must arrive: what was printed, and how processes ended. */
export type Lasting = Extract<FromWorker, { message: 'output' | 'done' }>
type Numbered<M> = M extends unknown ? Omit<M, 'seq'> : never

/** What a worker has to say and the server is to have for certain: kept until it says so, on disk while nobody listens. */
export interface Outbound {
  push(message: Numbered<Lasting>): void
  /** Everything up to this number is in the store. */
  kept(seq: number): void
  /** There is a connection: sends what waits, in its order. */
  open(send: (message: Lasting) => void): void
  /** There is none any more. */
  close(): void
  /** Resolves when nothing waits any more. */
  empty(): Promise<void>
  /** Sends again what has been on its way for longer than `ms`: whoever had it could not store it. */
  again(ms: number): void
}

export interface OutboundOptions {
  /** Where messages wait that nobody listens to. One that an earlier process left is sent first. */
  readonly file: string
  readonly room: Room
  /** More waits than may: what makes more should pause, until it is told `false`. */
  readonly onFull: (full: boolean) => void
}

/** In bytes: what is on its way at once, and what waits in memory while the server is slow. */
const [window, most] = [1024 * 1024, 4 * 1024 * 1024]
const chunk = 256 * 1024

interface Flying {
  readonly message: Lasting
  readonly size: number
}

/**
 * With a connection, messages go out at once and stay in memory until they are kept. Without one they go to the file,
 * and from there in order once there is one; what comes meanwhile stands behind them.
 */
export function openOutbound({ file, room, onFull }: OutboundOptions): Outbound {
  let lastSeq = 0
  let send: ((message: Lasting) => void) | null = null
  /** Since when the oldest on its way waits to be kept; what is said after it changes nothing about that. */
  let waitsSince = 0
  let flying: Flying[] = []
  let flyingBytes = 0
  let isFull = false
  /** Bytes of the file: written, read, and read and kept. */
  const disk = { written: existsSync(file) ? statSync(file).size : 0, read: 0, kept: 0 }
  room.take(disk.written)

  const fly = (message: Numbered<Lasting>, size: number): void => {
    const numbered = { ...message, seq: ++lastSeq } as Lasting
    flying.push({ message: numbered, size })
    flyingBytes += size
    if (flying.length === 1) waitsSince = performance.now()
    send?.(numbered)
  }
  const write = (text: string): void => {
    mkdirSync(dirname(file), { recursive: true })
    appendFileSync(file, text)
    disk.written += Buffer.byteLength(text)
    room.take(Buffer.byteLength(text))
  }
  const emptied: (() => void)[] = []
  const look = (): void => {
    if (flying.length === 0 && disk.written === 0) for (const tell of emptied.splice(0)) tell()
    const now = room.isFull || (disk.written === 0 && flyingBytes > most)
    if (now !== isFull) onFull((isFull = now))
  }
  /** From the file, as much as may be on its way. */
  const pump = (): void => {
    if (!send || disk.read >= disk.written) return
    const fd = openSync(file, 'r')
    try {
      let size = chunk
      while (flyingBytes < window && disk.read < disk.written) {
        const buffer = Buffer.alloc(Math.min(size, disk.written - disk.read))
        const bytes = buffer.subarray(0, readSync(fd, buffer, 0, buffer.length, disk.read))
        const end = bytes.lastIndexOf(10) + 1
        if (end === 0) {
          size *= 2 // one message is longer than what was read
          continue
        }
        for (const line of bytes.subarray(0, end).toString().split('\n').slice(0, -1))
          fly(JSON.parse(line) as Numbered<Lasting>, Buffer.byteLength(line) + 1)
        disk.read += end
      }
    } finally {
      closeSync(fd)
    }
  }
  const forget = (bytes: number): void => {
    disk.read += bytes
    disk.kept += bytes
    if (disk.kept < disk.written) return
    const fd = openSync(file, 'r+')
    ftruncateSync(fd)
    closeSync(fd)
    room.give(disk.written)
    Object.assign(disk, { written: 0, read: 0, kept: 0 })
  }

  return {
    push(message) {
      const text = `${JSON.stringify(message)}\n`
      if (send && disk.written === 0) fly(message, Buffer.byteLength(text))
      else {
        write(text)
        pump()
      }
      look()
    },
    kept(seq) {
      while (flying.length > 0 && flying[0]!.message.seq <= seq) {
        const { size } = flying.shift()!
        waitsSince = performance.now()
        flyingBytes -= size
        if (disk.written > 0) {
          disk.read -= size
          forget(size)
        }
      }
      pump()
      look()
    },
    open(to) {
      send = to
      pump()
      look()
    },
    close() {
      send = null
      // What was on its way from the file is in it still.
      if (disk.written > 0) disk.read = disk.kept
      else if (flying.length > 0)
        write(flying.map(({ message: { seq: _, ...rest } }) => `${JSON.stringify(rest)}\n`).join(''))
      // It goes out again under the numbers that it had: whoever knows them keeps it once, and misses none.
      lastSeq -= flying.length
      flying = []
      flyingBytes = 0
      look()
    },
    empty: () =>
      new Promise((resolve) => {
        emptied.push(resolve)
        look()
      }),
    again(ms) {
      if (!send || flying.length === 0 || performance.now() - waitsSince < ms) return
      waitsSince = performance.now()
      for (const { message } of flying) send(message)
    },
  }
}
