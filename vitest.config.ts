import { defineConfig } from 'vitest/config'

const conditions = ['@sluice/source']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    globalSetup: 'tests/build.ts',
    include: ['{packages,integrations,examples,bench,chaos}/**/*.test.ts', 'tests/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', '**/fixtures/**', '**/.sluice/**', '**/.docs-check/**'],
    // One process per file: a test that leaves a handle, a signal listener or a global behind harms nobody else.
    pool: 'forks',
    execArgv: conditions.map((condition) => `--conditions=${condition}`),
    // Real processes on a busy machine: a limit is there for what hangs, not for what is slow.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000, interval: 50 } },
    coverage: {
      provider: 'v8',
      // Pure decisions are covered completely; what carries them out is covered by what it does.
      include: ['packages/core/src/runs/states.ts', 'packages/core/src/steps/states.ts'],
      thresholds: { 100: true, perFile: true },
      reporter: ['text-summary', 'json-summary'],
    },
  },
})
