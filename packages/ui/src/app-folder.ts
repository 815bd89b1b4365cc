import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/**
 * Where the built files of the app are: `index.html`, and what it loads. Run from source it is built first where that
 * was not done since the source changed, by a process of its own, which takes seconds.
 *
 * @throws what the build says, where it fails.
 */
export async function appFolder(): Promise<string> {
  const isSource = import.meta.url.endsWith('.ts')
  if (!isSource) return fileURLToPath(new URL('./app/', import.meta.url))
  const main = fileURLToPath(new URL('./build/main.ts', import.meta.url))
  const args = ['--conditions=@sluice/source', main, '--fresh']
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: cleared() })
  const folder = stdout.trim().split('\n').at(-1) ?? ''
  if (!existsSync(folder)) throw new Error(`The app was built to no folder: ${stdout}`)
  return folder
}

/** A process that is a test, or a child of Sluice, says so in variables that a build must not hear. */
function cleared(): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR, SystemRoot } = process.env
  return Object.fromEntries(Object.entries({ PATH, HOME, TMPDIR, SystemRoot }).filter(([, value]) => value))
}
