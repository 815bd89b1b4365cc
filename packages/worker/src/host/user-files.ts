import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const own = /^(?:sluice|@sluice\/.*)$/
const nearest = new Map<string, PackageInfo>()

interface PackageInfo {
  readonly name: string
  readonly type: 'module' | 'commonjs' | undefined
}

/** The user's own code: a file outside node_modules and outside Sluice itself (which, in its own repository, is). */
export function isUserFile(url: string): boolean {
  return url.startsWith('file:') && !url.includes('/node_modules/') && !own.test(packageOf(url).name)
}

/** The package.json that decides how a file is read. */
export function packageOf(url: string): PackageInfo {
  const folder = dirname(fileURLToPath(url))
  let found = nearest.get(folder)
  if (!found) nearest.set(folder, (found = readPackage(url)))
  return found
}

function readPackage(url: string): PackageInfo {
  const path = findPackageJSON(url)
  // Where there is none, Node gives the file itself.
  if (!path?.endsWith('package.json')) return { name: '', type: undefined }
  const { name, type } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Record<'name' | 'type', unknown>>
  return {
    name: typeof name === 'string' ? name : '',
    type: type === 'module' || type === 'commonjs' ? type : undefined,
  }
}
