import { mkdir, open, rename, rm, symlink } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import { syncFolder } from './database.ts'

/** A file that is whole or not there, and on disk when this resolves. */
export async function writeDurably(
  path: string,
  content: string | ((path: string) => Promise<unknown>),
): Promise<void> {
  const folder = dirname(path)
  const made = await mkdir(folder, { recursive: true })
  const part = `${path}.part`
  try {
    if (typeof content === 'function') await content(part)
    const handle = await open(part, typeof content === 'function' ? 'r+' : 'w')
    try {
      if (typeof content === 'string') await handle.writeFile(content)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(part, path)
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
  // The names of the file and of every folder made for it.
  for (let at = folder; ; at = dirname(at)) {
    await syncFolder(at)
    if (!made || at.length < made.length || at === dirname(at)) break
  }
}

/** Points `latest.parquet` beside a file at it, for people. */
export async function linkLatest(path: string): Promise<void> {
  const link = join(dirname(path), `latest${extname(path)}`)
  const part = `${link}.${process.pid}.part`
  await rm(part, { force: true })
  await symlink(basename(path), part)
  await rename(part, link)
}
