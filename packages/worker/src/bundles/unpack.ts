import { execFile } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { SluiceError } from '@sluice/core'
import { extract } from 'tar'
import { installers } from './bundle-files.ts'
import { type Manifest, manifestName } from './pack.ts'

export interface Unpacked {
  /** The project's folder, ready to be loaded. */
  readonly root: string
  readonly entries: readonly string[]
  readonly config: string | null
}

export interface UnpackOptions {
  /** Where bundles are kept, each in a folder named by its hash. */
  readonly folder: string
  readonly hash: string
  readonly download: () => Promise<Buffer>
  /** The packages of this installation, by name: what code means by `sluice`. */
  readonly own: Readonly<Record<string, string>>
  readonly say: (text: string) => void
}

/**
 * Brings a bundle to this machine: downloads, verifies, unpacks and installs what its lockfile says. One that is there
 * is used as it is.
 *
 * @throws SluiceError LOAD_FAILED where it is not what its hash says, or its dependencies cannot be installed.
 */
export async function unpackBundle({ folder, hash, download, own, say }: UnpackOptions): Promise<Unpacked> {
  const ready = join(folder, hash)
  if (!existsSync(ready)) {
    const bytes = await download()
    if (createHash('sha256').update(bytes).digest('hex') !== hash) {
      throw new SluiceError('LOAD_FAILED', `The bundle ${hash.slice(0, 12)} did not arrive as it was sent.`, {
        hint: 'Deploy it again: sluice deploy.',
      })
    }
    // Complete or not there: a worker that dies in between begins anew.
    const scratch = join(folder, `${randomUUID()}.part`)
    await mkdir(scratch, { recursive: true })
    try {
      const file = join(scratch, '.bundle.tgz')
      await writeFile(file, bytes)
      await extract({ file, cwd: scratch, preserveOwner: false })
      await rm(file)
      await install(scratch, say)
      await linkOwn(scratch, own)
      await rename(scratch, ready).catch((error: unknown) => {
        if (!existsSync(ready)) throw error // another worker of this machine was faster
      })
    } finally {
      await rm(scratch, { recursive: true, force: true })
    }
  }
  const manifest = JSON.parse(await readFile(join(ready, manifestName), 'utf8')) as Manifest
  const root = join(ready, manifest.root)
  return {
    root,
    entries: manifest.entries.map((entry) => join(root, entry)),
    config: manifest.config === null ? null : join(root, manifest.config),
  }
}

async function install(folder: string, say: (text: string) => void): Promise<void> {
  const lockfile = Object.keys(installers).find((name) => existsSync(join(folder, name)))
  if (lockfile === undefined) return
  const [command, ...args] = installers[lockfile]!
  say(`Installing what ${lockfile} says: ${command} ${args.join(' ')}`)
  try {
    await promisify(execFile)(command, args, { cwd: folder, maxBuffer: 1 << 26 })
  } catch (cause) {
    const { stderr = '', code } = cause as { stderr?: string; code?: string }
    const why = code === 'ENOENT' ? `${command} is not installed here` : stderr.trim().split('\n').slice(-5).join('\n')
    throw new SluiceError('LOAD_FAILED', `The dependencies of a bundle could not be installed: ${why}`, {
      cause,
      hint: `Try it by hand, in a clone: ${command} ${args.join(' ')}.`,
    })
  }
}

/** The process that runs the code has one Sluice: the worker's. */
async function linkOwn(folder: string, own: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, path] of Object.entries(own)) {
    const link = join(folder, 'node_modules', name)
    await mkdir(dirname(link), { recursive: true })
    await rm(link, { recursive: true, force: true })
    await symlink(path, link, process.platform === 'win32' ? 'junction' : 'dir')
  }
}
