/**
 * The arrows between our packages: who may import whom. The linter holds them (oxlint.config.ts), and a test compares
 * them with the dependencies that each package declares.
 */
export interface Arrows {
  /** The package's name. */
  readonly name: string
  /** The packages of ours that its source may import. */
  readonly allowed: readonly string[]
}

export const arrows: Readonly<Record<string, Arrows>> = {
  'packages/core': { name: '@sluice/core', allowed: [] },
  'packages/engine': { name: '@sluice/engine', allowed: ['@sluice/core'] },
  'packages/storage': { name: '@sluice/storage', allowed: ['@sluice/core', '@sluice/engine'] },
  'packages/api': { name: '@sluice/api', allowed: ['@sluice/core'] },
  'packages/server': { name: '@sluice/server', allowed: ['@sluice/api', '@sluice/core', '@sluice/engine'] },
  'packages/worker': { name: '@sluice/worker', allowed: ['@sluice/api', '@sluice/core', '@sluice/engine'] },
  'packages/ui': { name: '@sluice/ui', allowed: ['@sluice/api', '@sluice/core'] },
  'packages/sluice': {
    name: 'sluice',
    allowed: [
      '@sluice/api',
      '@sluice/core',
      '@sluice/engine',
      '@sluice/server',
      '@sluice/storage',
      '@sluice/ui',
      '@sluice/worker',
    ],
  },
  'integrations/duckdb': { name: '@sluice/duckdb', allowed: ['@sluice/core'] },
  'integrations/s3': { name: '@sluice/s3', allowed: ['@sluice/core'] },
}

export const allPackages: readonly string[] = Object.values(arrows).map((each) => each.name)
