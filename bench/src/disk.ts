import { closeSync, fdatasyncSync, mkdtempSync, openSync, readFileSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** Whether a file system of this type (`f_type` of statfs(2) on Linux) keeps nothing: tmpfs and ramfs. */
export function isInMemory(type: number): boolean {
  return [0x01021994, 0x858458f6].includes(type >>> 0)
}

export interface Disk {
  /** A folder of our own, taken away by `close`. */
  readonly folder: string
  /** The file system's name where the system tells it, else its type's number. */
  readonly fileSystem: string
  close(): void
}

/** A fresh folder on a disk. Without a wish, the first of the usual places that is on one. */
export function openDisk(wish: string | undefined): Disk {
  const places = wish === undefined ? [tmpdir(), resolve(import.meta.dirname, '..')] : [resolve(wish)]
  const place = places.find((each) => !isInMemory(statfsSync(each).type))
  if (place === undefined) {
    throw new Error(
      `${places[0]} is in memory (${fileSystemOf(places[0]!)}): nothing there is durable. Name a folder on a disk with --folder.`,
    )
  }
  const folder = mkdtempSync(join(place, '.sluice-bench-'))
  const close = (): void => rmSync(folder, { recursive: true, force: true })
  process.once('exit', close)
  return { folder, fileSystem: fileSystemOf(folder), close }
}

function fileSystemOf(folder: string): string {
  if (process.platform !== 'linux') return `type 0x${(statfsSync(folder).type >>> 0).toString(16)}`
  return mountOf(readFileSync('/proc/self/mountinfo', 'utf8'), folder)
}

/** Pure: the file system and the device of the deepest mount that holds the folder, from proc(5)'s `mountinfo`. */
export function mountOf(mountinfo: string, folder: string): string {
  let deepest = { point: '', name: 'unknown' }
  for (const line of mountinfo.split('\n')) {
    const [before, after] = line.split(' - ')
    const point = before?.split(' ')[4]
    if (!point || !after || point.length < deepest.point.length) continue
    const [type, device] = after.split(' ')
    const inside = folder === point || folder.startsWith(point.endsWith('/') ? point : `${point}/`)
    if (inside) deepest = { point, name: `${type} on ${device}` }
  }
  return deepest.name
}

/** fdatasyncs a second, of 4 KB appended each: what one commit after another can reach at most. */
export function measureSyncs(folder: string, count: number): number {
  const file = join(folder, 'syncs')
  const page = Buffer.alloc(4096, 1)
  const open = openSync(file, 'w')
  try {
    for (let n = 0; n < 50; n++) append(open, page)
    const began = performance.now()
    for (let n = 0; n < count; n++) append(open, page)
    return (count / (performance.now() - began)) * 1000
  } finally {
    closeSync(open)
    rmSync(file)
  }
}

function append(open: number, page: Buffer): void {
  writeSync(open, page)
  fdatasyncSync(open)
}
