import { defineConfig } from 'vitest/config'

const conditions = ['@sluice/source']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: { include: ['{packages,integrations,examples,bench}/**/*.test.ts', 'tests/**/*.test.ts'] },
})
