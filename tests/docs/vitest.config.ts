import { defineConfig } from 'vitest/config'

const conditions = ['@sluice/source']

/** For test files that a page shows. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: { include: ['**/*.test.ts'], pool: 'forks', execArgv: ['--conditions=@sluice/source'] },
})
