import { globSync, readFileSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { rolldown } from 'rolldown'
import { arrows } from './arrows.ts'

/** Files of a package that are started by their path, as a process or a thread, besides what its `exports` name. */
const programs: Readonly<Record<string, readonly string[]>> = {
  'packages/sluice': ['src/main.ts', 'src/project/read-store.ts'],
  'packages/storage': ['src/sqlite/thread.ts'],
  'packages/worker': ['src/child.ts'],
}

/**
 * Makes each package's JavaScript: one file for each door, and for what is loaded later. Every process of Sluice starts by
 * loading these packages, and some 500 small files take it 0.4 s where these take 0.15. What a package imports of others
 * stays an import. The files lie flat in `dist`: a path that the code makes of its own URL is from there.
 */
async function bundle(folder: string): Promise<void> {
  const root = join(import.meta.dirname, folder)
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    exports: Record<string, { '@sluice/source': string }>
  }
  const doors = Object.values(exports).map((door) => door['@sluice/source'])
  const files = [...doors, ...(programs[folder] ?? [])].map((file) => join(root, file))
  const before = globSync('dist/**/*.js{,.map}', { cwd: root, exclude: ['dist/app*/**'] })
  for (const file of before) rmSync(join(root, file))
  const build = await rolldown({
    input: Object.fromEntries(files.map((file) => [basename(file, '.ts'), file])),
    external: (id) => !/^(?:\.|\/|[a-z]:\\)/i.test(id),
    platform: 'node',
    transform: { target: 'esnext' },
  })
  await build.write({ dir: join(root, 'dist'), sourcemap: true, keepNames: true })
  await build.close()
}

await Promise.all(Object.keys(arrows).map(bundle))
