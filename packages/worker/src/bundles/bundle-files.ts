import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { promisify } from 'node:util'
import { SluiceError } from '@sluice/core'

/** Lockfiles, and what installs from each: nothing else is installed than what it says. */
export const installers: Readonly<Record<string, readonly [command: string, ...args: string[]]>> = {
  'package-lock.json': ['npm', 'ci', '--omit=dev', '--no-audit', '--no-fund'],
  'npm-shrinkwrap.json': ['npm', 'ci', '--omit=dev', '--no-audit', '--no-fund'],
  'pnpm-lock.yaml': ['pnpm', 'install', '--frozen-lockfile', '--prod'],
  'yarn.lock': ['yarn', 'install', '--immutable'],
  'bun.lock': ['bun', 'install', '--frozen-lockfile', '--production'],
}

/** The folder whose dependencies a project has: its own, or the one above that has the lockfile (a monorepo). */
export function baseOf(root: string): string {
  for (let folder = root; ; folder = dirname(folder)) {
    if (Object.keys(installers).some((name) => existsSync(join(folder, name)))) return folder
    if (folder === dirname(folder)) return root
  }
}

/** More than this is data, and belongs elsewhere. */
const most = 100 * 1024 * 1024

/**
 * The files of a project that a worker elsewhere needs, relative to `base`, sorted: what git would commit, or, without
 * git, everything outside of node_modules. Never `.env` files, nor the store.
 *
 * @throws SluiceError REQUEST_TOO_LARGE, naming the largest.
 */
export async function bundleFiles(base: string): Promise<readonly string[]> {
  const listed = (await listedByGit(base)) ?? (await walked(base))
  const files = listed.filter((file) => !isPrivate(file)).toSorted()
  const sizes = await Promise.all(
    files.map(async (file) => (await stat(join(base, file)).catch(() => null))?.size ?? null),
  )
  const there = files.flatMap((file, index) => (sizes[index] === null ? [] : [{ file, size: sizes[index]! }]))
  const total = there.reduce((sum, { size }) => sum + size, 0)
  if (total > most) {
    const largest = there.toSorted((a, b) => b.size - a.size).slice(0, 3)
    throw new SluiceError(
      'REQUEST_TOO_LARGE',
      `The files of ${base} are ${megabytes(total)}; a bundle may have ${megabytes(most)}.`,
      {
        hint: `Let git ignore what is not code: ${largest.map(({ file, size }) => `${file} (${megabytes(size)})`).join(', ')}.`,
      },
    )
  }
  return there.map(({ file }) => file)
}

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1024 / 1024)} MB`

const isPrivate = (file: string): boolean =>
  file.split('/').some((part) => ['node_modules', '.git', '.sluice'].includes(part) || /^\.env(?:\.|$)/.test(part))

async function listedByGit(base: string): Promise<readonly string[] | null> {
  try {
    const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
    const { stdout } = await promisify(execFile)('git', args, { cwd: base, maxBuffer: 1 << 28 })
    return [...new Set(stdout.split('\0').filter((file) => file !== ''))]
  } catch {
    return null // no git, or no repository
  }
}

async function walked(base: string): Promise<readonly string[]> {
  const files: string[] = []
  const walk = async (folder: string): Promise<void> => {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name)
      const name = relative(base, path).split(sep).join('/')
      if (isPrivate(name)) continue
      if (entry.isDirectory()) await walk(path)
      else if (entry.isFile()) files.push(name)
    }
  }
  await walk(base)
  return files
}
