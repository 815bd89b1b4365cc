import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Config, type Settings, SluiceError, settingsOf } from '@sluice/core'
import { isPostgresUrl } from '@sluice/storage/address'

/** Where a project is on disk. */
export interface Project {
  /** The folder with `sluice.config.ts`; without one, with the nearest `package.json`; without one, where we start. */
  readonly root: string
  /** The folder of the store and of values: `.sluice` below the root, unless the configuration says another. */
  readonly home: string
  readonly configFile: string | undefined
}

const configNames = ['sluice.config.ts', 'sluice.config.mts', 'sluice.config.js', 'sluice.config.mjs']

/** Finds the project that a folder is in. Reads no code. */
export function findProject(from: string): Project {
  const configFile = nearest(from, configNames)
  const root = dirname(configFile ?? nearest(from, ['package.json']) ?? join(from, '.'))
  return {
    root: configFile || nearest(from, ['package.json']) ? root : resolve(from),
    home: homeOf(root, configFile, from),
    configFile,
  }
}

function homeOf(root: string, configFile: string | undefined, from: string): string {
  const own = process.env['SLUICE_HOME']
  if (own) return resolve(own)
  const store = process.env['SLUICE_STORE']
  if (store && !isPostgresUrl(store)) return resolve(store)
  return join(configFile || nearest(from, ['package.json']) ? root : resolve(from), '.sluice')
}

function nearest(from: string, names: readonly string[]): string | undefined {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    for (const name of names) if (existsSync(join(folder, name))) return join(folder, name)
    if (folder === dirname(folder)) return undefined
  }
}

/** Makes the folder of the store, which git ignores by a file of its own. */
export function makeHome(home: string): void {
  try {
    makeFolders(home)
    const ignore = join(home, '.gitignore')
    if (!existsSync(ignore)) writeFileSync(ignore, '*\n')
  } catch (cause) {
    const full = (cause as NodeJS.ErrnoException).code === 'ENOSPC'
    throw new SluiceError(
      full ? 'STORE_FULL' : 'STORE_READ_ONLY',
      `The folder ${home} cannot be made: ${(cause as Error).message}`,
      {
        cause,
        hint: 'Set SLUICE_HOME to a folder that can be written.',
      },
    )
  }
}

/** One by one: Node's own `recursive` never ends where a folder refuses to be made although its parent is there (/proc). */
function makeFolders(path: string): void {
  if (existsSync(path)) return
  makeFolders(dirname(path))
  try {
    mkdirSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

export const storePath = (home: string): string => join(home, 'sluice.db')

/** A file's path as runs record it: relative to the project, with forward slashes. */
export function entryOf(root: string, file: string): string {
  return relative(root, file).replaceAll('\\', '/')
}

/** Loads `sluice.config.ts` into this process. It runs user code: never in the server. */
export async function loadSettings(project: Project, environment: string): Promise<Settings> {
  if (!project.configFile) return { config: {}, configured: [], values: undefined, alerts: undefined }
  let loaded: { default?: Config }
  try {
    loaded = (await import(pathToFileURL(project.configFile).href)) as { default?: Config }
  } catch (cause) {
    throw new SluiceError('CONFIG_INVALID', `${project.configFile} could not be loaded: ${(cause as Error).message}`, {
      cause,
    })
  }
  return settingsOf(loaded.default, environment, project.configFile)
}
