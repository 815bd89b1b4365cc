import { globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
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
  const build = await rolldown({
    input: Object.fromEntries(files.map((file) => [basename(file, '.ts'), file])),
    external: (id) => !/^(?:\.|\/|[a-z]:\\)/i.test(id),
    platform: 'node',
    transform: { target: 'esnext' },
  })
  const dist = join(root, 'dist')
  const { output } = await build.generate({ dir: dist, sourcemap: true, keepNames: true })
  await build.close()
  mkdirSync(dist, { recursive: true })
  const made = new Set(output.map(({ fileName }) => fileName))
  for (const one of output) replace(join(dist, one.fileName), one.type === 'chunk' ? one.code : one.source)
  for (const old of globSync('**/*.js{,.map}', { cwd: dist, exclude: ['app*/**'] }))
    if (!made.has(old)) rmSync(join(dist, old))
}

/** In one go, and only where it differs: processes that run from it may load it at any time. */
function replace(file: string, content: string | Uint8Array): void {
  try {
    if (readFileSync(file).equals(Buffer.from(content))) return
  } catch {
    // It is not there yet.
  }
  const temporary = `${file}.${process.pid}`
  writeFileSync(temporary, content)
  renameSync(temporary, file)
}

await Promise.all(Object.keys(arrows).map(bundle))
