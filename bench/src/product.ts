import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from './programs.ts'

/** How the product is started: as people get it, or from its source. */
export interface Product {
  readonly built: boolean
  /** The program and the arguments before a script's own path. */
  readonly node: readonly string[]
  /** The program and the arguments of the command `sluice`; `undefined` where it is not there. */
  readonly command: readonly string[] | undefined
}

const root = resolve(import.meta.dirname, '..', '..')

/** Builds the packages and measures them so. Where that fails, or in a hurry, their source is run, which starts slower. */
export async function openProduct(inHurry: boolean, say: (line: string) => void): Promise<Product> {
  const built = !inHurry && (await build(say))
  const folder = join(fileURLToPath(import.meta.resolve('sluice')), '..', '..')
  const node = built ? [process.execPath] : [process.execPath, '--conditions=@sluice/source']
  const hasCommand = existsSync(join(folder, built ? 'dist/main.js' : 'src/main.ts'))
  const command = hasCommand ? [...node, join(folder, built ? 'bin/sluice.js' : 'src/main.ts')] : undefined
  return { built, node, command }
}

async function build(say: (line: string) => void): Promise<boolean> {
  say('building the packages')
  const compiler = join(root, 'node_modules', '.bin', 'tsc')
  try {
    await run(compiler, ['-b', 'tsconfig.build.json'], { cwd: root })
    await run(process.execPath, ['bundle.ts'], { cwd: root })
  } catch (error) {
    say(`the build failed, their source is measured: ${(error as Error).message.split('\n')[1] ?? ''}`)
    return false
  }
  return existsSync(join(root, 'packages', 'sluice', 'dist', 'index.js'))
}
