import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join, matchesGlob, relative, sep } from 'node:path'
import { SluiceError } from '@sluice/core'
import { shownPlace } from '../../terminal/error.ts'
import type { Manifest } from './manifest.ts'

/** What a new project finds where it goes. */
export interface Surroundings {
  /** The package that is there; `undefined` for none. */
  readonly manifest: Manifest | undefined
  readonly indent: string
  /** The root of the monorepo that it is below; itself does not count. */
  readonly workspaceRoot: string | undefined
  /** Does that root name it among its workspaces? */
  readonly isListed: boolean
  readonly hasTsconfig: boolean
  readonly hasTypeScript: boolean
}

export async function surroundingsOf(folder: string): Promise<Surroundings> {
  const text = await read(join(folder, 'package.json'))
  const manifest = text === undefined ? undefined : parse(text, join(folder, 'package.json'))
  const root = await workspaceRootAbove(folder)
  const all = {
    ...manifest?.dependencies,
    ...manifest?.devDependencies,
    ...root?.manifest.devDependencies,
    ...root?.manifest.dependencies,
  }
  return {
    manifest,
    indent: /^([ \t]+)"/m.exec(text ?? '')?.[1] ?? '  ',
    workspaceRoot: root?.folder,
    isListed: root !== undefined && isListed(root.manifest, relative(root.folder, folder)),
    hasTsconfig: existsSync(join(folder, 'tsconfig.json')),
    hasTypeScript: 'typescript' in all,
  }
}

async function workspaceRootAbove(folder: string): Promise<{ folder: string; manifest: Manifest } | undefined> {
  for (let above = dirname(folder); ; above = dirname(above)) {
    const text = await read(join(above, 'package.json'))
    const manifest = text === undefined ? undefined : parse(text, join(above, 'package.json'))
    if (manifest?.workspaces) return { folder: above, manifest }
    if (above === dirname(above)) return undefined
  }
}

function isListed({ workspaces = [] }: Manifest, path: string): boolean {
  const globs = Array.isArray(workspaces)
    ? (workspaces as readonly string[])
    : ((workspaces as { packages?: readonly string[] }).packages ?? [])
  const wanted = path.split(sep).join('/')
  return globs.some((glob) => matchesGlob(wanted, glob.replace(/^\.\//, '').replace(/\/$/, '')))
}

async function read(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function parse(text: string, file: string): Manifest {
  try {
    return JSON.parse(text) as Manifest
  } catch (cause) {
    throw new SluiceError('CONFIG_INVALID', `${shownPlace(file)} is no JSON: ${(cause as Error).message}`, {
      cause,
      hint: 'Mend it, and run sluice init again.',
      data: { place: `${file}:1` },
    })
  }
}
