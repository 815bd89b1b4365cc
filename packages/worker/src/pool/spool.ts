import {
  appendFileSync,
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { SluiceError } from '@sluice/core'

/** What a process had to say when there was no connection, and its worker died before there was one again. */
export interface Spooled {
  readonly run: string
  readonly epoch: number
  readonly frame: unknown
}

/** How many bytes may wait on disk, of everything together. */
export interface Room {
  readonly isFull: boolean
  take(bytes: number): void
  give(bytes: number): void
}

/** What of runs waits for a connection, on disk: one file for each, replaced as a whole. */
export interface Spool {
  readonly room: Room
  /** Where messages wait that are of no run's store. */
  readonly file: string
  /** @throws SluiceError STORE_FULL over the cap: nothing more is taken until there is a connection. */
  keep(one: Spooled): void
  remove(run: string, epoch: number): void
  /** What an earlier process left. */
  left(): readonly Spooled[]
}

const fileOf = (run: string, epoch: number): string => `${run}-${epoch}.json`
const messages = 'messages'

export interface SpoolOptions {
  /** Several workers may share it: each has a folder in it, and takes over those of the dead. */
  readonly folder: string
  /** In bytes. Default 1 GiB. */
  readonly cap?: number
}

export function openSpool({ folder, cap = 1024 ** 3 }: SpoolOptions): Spool {
  const own = join(folder, String(process.pid))
  takeOver(folder, own)
  if (existsSync(join(own, messages))) cutTorn(join(own, messages))
  const sizes = new Map<string, number>()
  let used = 0
  const room: Room = {
    get isFull() {
      return used >= cap
    },
    take: (bytes) => void (used += bytes),
    give: (bytes) => void (used -= bytes),
  }
  return {
    room,
    file: join(own, messages),
    keep(one) {
      mkdirSync(own, { recursive: true })
      const name = fileOf(one.run, one.epoch)
      const text = JSON.stringify(one)
      const grows = text.length - (sizes.get(name) ?? 0)
      if (used + grows > cap) {
        throw new SluiceError('STORE_FULL', `More than ${cap} bytes wait for the server in ${folder}.`, {
          hint: 'Steps go on when the server can be reached again.',
        })
      }
      writeFileSync(join(own, name), text, { flush: true })
      sizes.set(name, text.length)
      used += grows
    },
    remove(run, epoch) {
      const name = fileOf(run, epoch)
      used -= sizes.get(name) ?? 0
      if (sizes.delete(name)) rmSync(join(own, name), { force: true })
    },
    left() {
      if (!existsSync(own)) return []
      const names = readdirSync(own).filter((name) => name.endsWith('.json'))
      return names.flatMap((name) => {
        const path = join(own, name)
        const { size } = statSync(path)
        used += size - (sizes.get(name) ?? 0)
        sizes.set(name, size)
        try {
          return [JSON.parse(readFileSync(path, 'utf8')) as Spooled]
        } catch {
          rmSync(path, { force: true }) // cut off in the middle of a write: nobody was told that it is safe
          return []
        }
      })
    },
  }
}

/** What processes left that live no more is this one's. */
function takeOver(folder: string, own: string): void {
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder)) {
    if (!/^\d+$/.test(name) || isAlive(Number(name))) continue
    const theirs = join(folder, name)
    mkdirSync(own, { recursive: true })
    for (const file of readdirSync(theirs)) {
      const [from, to] = [join(theirs, file), join(own, file)]
      if (file === messages) cutTorn(from)
      if (file === messages && existsSync(to)) append(from, to)
      else renameSync(from, to)
    }
    rmSync(theirs, { recursive: true })
  }
}

/** Takes off what was cut off in the middle of a write. */
function cutTorn(file: string): void {
  const { size } = statSync(file)
  const fd = openSync(file, 'r+')
  try {
    for (let end = size; ; end -= piece.length) {
      const from = Math.max(0, end - piece.length)
      const at = piece.subarray(0, readSync(fd, piece, 0, end - from, from)).lastIndexOf(10)
      if (at >= 0 || from === 0) return ftruncateSync(fd, from + at + 1)
    }
  } finally {
    closeSync(fd)
  }
}

const piece = Buffer.alloc(64 * 1024)

function append(from: string, to: string): void {
  const fd = openSync(from, 'r')
  for (let bytes = readSync(fd, piece); bytes > 0; bytes = readSync(fd, piece))
    appendFileSync(to, piece.subarray(0, bytes))
  closeSync(fd)
}

/** Another one; this process's own number stands for an earlier one, in a container say. */
function isAlive(pid: number): boolean {
  if (pid === process.pid) return true // its folder is ours already
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
