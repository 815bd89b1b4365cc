import { dirname } from 'node:path'
import { type TsConfigResult, createPathsMatcher, getTsconfig } from 'get-tsconfig'

/** What a nearest tsconfig.json says about loading: `extends` is followed. */
export interface LoadingConfig {
  /** Where `paths` and `baseUrl` lead a bare specifier: files or folders, perhaps without extension, best first. */
  readonly candidates: (specifier: string) => readonly string[]
  /** Imports are kept as they are written, so an import of a type without `type` is the user's mistake. */
  readonly verbatim: boolean
  readonly jsx: {
    readonly runtime: 'classic' | 'automatic'
    readonly importSource?: string
    readonly pragma?: string
    readonly pragmaFrag?: string
  }
}

const byFolder = new Map<string, LoadingConfig>()
const files = new Map<string, TsConfigResult>()

/** The loading options for a source file, cached by its folder. */
export function configFor(file: string): LoadingConfig {
  const folder = dirname(file)
  let config = byFolder.get(folder)
  if (!config) byFolder.set(folder, (config = read(folder)))
  return config
}

function read(folder: string): LoadingConfig {
  const found = getTsconfig(folder, 'tsconfig.json', files as Map<string, never>)
  const options = found?.config.compilerOptions ?? {}
  return {
    candidates: (found && createPathsMatcher(found)) ?? (() => []),
    verbatim: options.verbatimModuleSyntax === true,
    jsx: {
      runtime: options.jsx === 'react' ? 'classic' : 'automatic',
      ...(options.jsxImportSource && { importSource: options.jsxImportSource }),
      ...(options.jsxFactory && { pragma: options.jsxFactory }),
      ...(options.jsxFragmentFactory && { pragmaFrag: options.jsxFragmentFactory }),
    },
  }
}
