import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

export interface ModuleGraph {
  /** The user's own files that were loaded, absolute and sorted; nothing from node_modules. */
  readonly files: readonly string[]
  /** Hash of their content and of the lockfile: the code's version. */
  readonly codeVersion: string
}

const lockfiles = ['package-lock.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock', 'npm-shrinkwrap.json']

/** A hash over the files' content (by their path below `root`, so that a copy elsewhere is the same) and the lockfile. */
export function hashCode(root: string, files: readonly string[]): string {
  const hash = createHash('sha256')
  const lockfile = nearestLockfile(root)
  const all = [...files].sort()
  for (const file of lockfile ? [...all, lockfile] : all) {
    const content = readFileSync(file)
    hash.update(`${relative(root, file)}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex').slice(0, 32)
}

function nearestLockfile(from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const found = lockfiles.map((name) => join(folder, name)).find((path) => existsSync(path))
    if (found || dirname(folder) === folder) return found
  }
}
