import { defineConfig } from 'sluice'

export default defineConfig({
  entry: './pipeline.ts',
})
