import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Definitions } from '@sluice/core'
import { isUserFile, packageOf } from './user-files.ts'

/** What each loaded file imported, by URL: user files, and files of packages. */
export type Imports = ReadonlyMap<string, ReadonlySet<string>>

/**
 * The code versions of the assets that ask for one (`codeVersion: 'derived'`), by name: a hash of the files that define the
 * asset and of all they import, outside node_modules, by their paths below `root`, and of the installed version of each
 * package that any of these imports. What none of them imports, and a new Sluice, changes nothing.
 */
export function derivedVersions({ assets }: Definitions, imports: Imports, root: string): ReadonlyMap<string, string> {
  const versions = new Map<string, string>()
  const byFiles = new Map<string, string>()
  for (const { name, options, place } of assets.values()) {
    if (options.codeVersion !== 'derived') continue
    const files = place.files().map((path) => pathToFileURL(path).href)
    const id = files.join('\n')
    let version = byFiles.get(id)
    if (version === undefined) byFiles.set(id, (version = versionOf(files, imports, root)))
    versions.set(name, version)
  }
  return versions
}

function versionOf(from: readonly string[], imports: Imports, root: string): string {
  const parts = new Set<string>()
  const seen = new Set(from)
  for (const url of seen) {
    if (isUserFile(url)) {
      const file = fileURLToPath(url)
      if (existsSync(file)) parts.add(`${relative(root, file).replaceAll('\\', '/')} ${hashOf(readFileSync(file))}`)
      for (const imported of imports.get(url) ?? []) seen.add(imported)
    } else parts.add(versionOfPackage(url))
  }
  return hashOf([...parts].sort().join('\n'))
}

const hashOf = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex').slice(0, 32)

/** `zod@4.6.7`; empty for Sluice itself. */
function versionOfPackage(url: string): string {
  const path = fileURLToPath(url)
  const inside = /^(.*[/\\]node_modules[/\\]((?:@[^/\\]+[/\\])?[^/\\]+))/.exec(path)
  if (!inside) return '' // in the repository of Sluice, Sluice itself
  const name = inside[2]!.replaceAll('\\', '/')
  if (/^(?:sluice|@sluice\/.*)$/.test(packageOf(url).name)) return ''
  const { version } = JSON.parse(readFileSync(join(inside[1]!, 'package.json'), 'utf8')) as { version?: string }
  return `${name}@${version ?? ''}`
}
