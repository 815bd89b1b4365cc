import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { viteConfig } from './vite-config.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Builds the app and prints where it is: `dist/app`, which is published; with `--fresh` a folder that is named for the
 * source, and only where it is not there yet. Two that build at once do the same, and the later one is thrown away.
 */
async function main(fresh: boolean): Promise<void> {
  const target = join(root, 'dist', fresh ? `app-${sourceHash()}` : 'app')
  if (fresh && existsSync(target)) return void process.stdout.write(`${target}\n`)
  const own = `${target}.${process.pid}`
  await build(viteConfig(root, own))
  if (fresh) for (const old of globSync('dist/app-*', { cwd: root })) if (join(root, old) !== own) await remove(old)
  if (!fresh) await rm(target, { recursive: true, force: true })
  await rename(own, target).catch(async (error: unknown) => {
    if (!existsSync(target)) throw error
    await rm(own, { recursive: true })
  })
  process.stdout.write(`${target}\n`)
}

/** Of a build that is no more; not one that somebody is at. */
const remove = async (path: string): Promise<void> => {
  if (/app-[0-9a-f]{16}$/.test(path)) await rm(join(root, path), { recursive: true, force: true })
}

/** Of what the app is built from: its own source, and that of the packages it stands on. */
function sourceHash(): string {
  const hash = createHash('sha256')
  const places = ['index.html', 'package.json', 'src/**/*', '../api/src/**/*.ts', '../core/src/**/*.ts']
  const files = globSync(places, { cwd: root, withFileTypes: true }).filter(
    (file) => file.isFile() && !/\.test\./.test(file.name),
  )
  for (const path of files.map((file) => join(file.parentPath, file.name)).toSorted())
    hash.update(relative(root, path)).update('\0').update(readFileSync(path)).update('\0')
  return hash.digest('hex').slice(0, 16)
}

await main(process.argv.includes('--fresh'))
