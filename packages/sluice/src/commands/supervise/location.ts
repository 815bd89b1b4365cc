import { readdirSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { SluiceError, closest } from '@sluice/core'
import { type Project, entryOf, findProject } from '../../project/project.ts'
import { shownPlace } from '../../terminal/error.ts'

/** Which code: a file that was given, or the files that the project's configuration names. */
export interface Location {
  readonly project: Project
  /** What the child loads. */
  readonly entries: readonly string[]
  /** As runs record it; `null` for the configuration's own. */
  readonly entry: string | null
}

/** @throws SluiceError LOAD_NOT_FOUND for a file that is not there, USAGE where no code is named at all. */
export function locate(file: string | undefined, from: string = process.cwd()): Location {
  if (file !== undefined) return locateFile(resolve(from, file))
  const project = findProject(from)
  if (project.configFile) return { project, entries: [project.configFile], entry: null }
  throw new SluiceError('USAGE', 'No file was given, and there is no sluice.config.ts here or above.', {
    hint: "Give a file that exports definitions, or write sluice.config.ts: export default defineConfig({ entry: './pipeline.ts' }).",
  })
}

function locateFile(path: string): Location {
  if (!isFile(path)) {
    const name = shownPlace(path)
    const near = closest(basename(path), filesIn(dirname(path)))
    throw new SluiceError('LOAD_NOT_FOUND', `There is no file ${name}.`, {
      hint: near === undefined ? 'Give the path of a file that exports definitions.' : `Did you mean ${near}?`,
      data: near === undefined ? {} : { given: name, meant: shownPlace(join(dirname(path), near)) },
    })
  }
  const project = findProject(dirname(path))
  return { project, entries: [path], entry: entryOf(project.root, path) }
}

/** The code that an earlier run was started with. */
export function locateAgain(project: Project, entry: string | null): Location {
  if (entry === null) return locate(undefined, project.root)
  return { ...locateFile(join(project.root, entry)), project }
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((file) => /\.[cm]?[jt]sx?$/.test(file))
  } catch {
    return [] // there is no such folder either
  }
}

export const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true

/** Is this argument meant as a file, whether or not it is there? */
export const looksLikeFile = (argument: string): boolean =>
  /\.[cm]?[jt]sx?$/.test(argument) || isFile(resolve(argument))
