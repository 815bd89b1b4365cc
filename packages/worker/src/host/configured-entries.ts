import { basename, dirname, resolve } from 'node:path'
import { type Config, SluiceError } from '@sluice/core'
import type { Loader } from './loader.ts'
import { shownPath } from './shown-path.ts'

/** The files to load: those that were given, or for `sluice.config.ts` alone those that it names as `entry`. */
export async function configuredEntries(loader: Loader, entries: readonly string[]): Promise<readonly string[]> {
  const [file] = entries
  if (file === undefined || entries.length > 1 || !/^sluice\.config\.m?[jt]s$/.test(basename(file))) return entries
  const { module } = await loader.loadEntry(file)
  const { entry } = (module['default'] ?? {}) as Config
  const named = entry === undefined ? [] : [entry].flat()
  if (named.length > 0) return named.map((name) => resolve(dirname(file), name))
  throw new SluiceError('CONFIG_INVALID', `${shownPath(file)} does not say which files export the definitions.`, {
    hint: "Add entry: './pipeline.ts', or give a file on the command line.",
    data: { place: `${file}:1` },
  })
}
