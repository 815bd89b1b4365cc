import tailwind from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import type { InlineConfig } from 'vite'
import { thinRoutes } from './thin-routes.ts'

/** How the app is built: one file for each place, named by its content, and no script or style in the page itself. */
export const viteConfig = (root: string, outDir: string): InlineConfig => ({
  root,
  configFile: false,
  logLevel: 'warn',
  plugins: [thinRoutes(), react(), tailwind()],
  resolve: { conditions: ['@sluice/source', 'module', 'browser', 'import', 'default'] },
  build: {
    outDir,
    emptyOutDir: true,
    target: 'baseline-widely-available',
    modulePreload: { polyfill: false },
    // A picture within the style is a `data:` address, which the policy of the page refuses.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
})
