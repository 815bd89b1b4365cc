import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'

export interface ModuleGraph {
  /** The user's own files that were loaded, absolute and sorted; nothing from node_modules. */
  readonly files: readonly string[]
  /** Hash of their content and of the lockfile: the code's version. */
  readonly codeVersion: string
  /** The same of each part of it alone: `code`, `config` (`sluice.config.ts`), and `lockfile` where there is one. */
  readonly parts: Readonly<Record<string, string>>
}

const lockfiles = ['package-lock.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock', 'npm-shrinkwrap.json']

/** Hashes over files' content, by their path below `root`, so that a copy elsewhere is the same. */
export function hashCode(root: string, files: readonly string[]): Pick<ModuleGraph, 'codeVersion' | 'parts'> {
  const lockfile = nearestLockfile(root)
  const all = [...files].sort()
  const isConfig = (file: string): boolean => /^sluice\.config\.\w+$/.test(basename(file))
  const parts = {
    code: hashOf(
      root,
      all.filter((file) => !isConfig(file)),
    ),
    config: hashOf(root, all.filter(isConfig)),
    ...(lockfile !== undefined && { lockfile: hashOf(root, [lockfile]) }),
  }
  return { codeVersion: hashOf(root, lockfile ? [...all, lockfile] : all), parts }
}

function hashOf(root: string, files: readonly string[]): string {
  const hash = createHash('sha256')
  for (const file of files) {
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
