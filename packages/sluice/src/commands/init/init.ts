import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join, relative, resolve } from 'node:path'
import { SluiceError } from '@sluice/core'
import { shownPlace } from '../../terminal/error.ts'
import { json, output } from '../../terminal/terminal.ts'
import { type Manifest, withSluice } from './manifest.ts'
import { type Surroundings, surroundingsOf } from './surroundings.ts'

export interface InitOptions {
  readonly yes?: boolean
  readonly json?: boolean
}

const own = new URL(import.meta.url.endsWith('.ts') ? '../../../' : '../', import.meta.url)
const templates = new URL('templates/project/', own)

/** `sluice init` */
export async function init(dir: string | undefined, options: InitOptions): Promise<number | void> {
  const asks = !options.yes && !options.json && process.stdin.isTTY && process.stdout.isTTY
  const chosen = dir ?? (asks ? await askFolder() : '.')
  if (chosen === undefined) return 130
  const folder = resolve(chosen)
  const around = await surroundingsOf(folder)
  if (asks && around.manifest && !(await confirmPackage(folder))) return 130
  const written = await write(folder, around)
  if (options.json) return json({ folder, written })
  report(folder, around, written)
}

async function askFolder(): Promise<string | undefined> {
  const { isCancel, text } = await import('@clack/prompts')
  const answer = await text({
    message: 'Where should the project go?',
    placeholder: './my-pipeline',
    defaultValue: './my-pipeline',
  })
  return isCancel(answer) ? undefined : answer
}

async function confirmPackage(folder: string): Promise<boolean> {
  const { confirm, isCancel } = await import('@clack/prompts')
  const answer = await confirm({ message: `Add Sluice to the package in ${shownPlace(folder)}?` })
  return !isCancel(answer) && answer
}

async function write(folder: string, around: Surroundings): Promise<string[]> {
  await mkdir(folder, { recursive: true })
  const written: string[] = []
  const put = async (name: string, text: string): Promise<void> => {
    await writeFile(join(folder, name), text)
    written.push(name)
  }
  const manifest = withSluice(
    around.manifest ?? { name: packageName(folder), version: '0.0.0', private: true, type: 'module' },
    await ownManifest(),
    around,
  )
  // In a CommonJS package the ending says that these files are modules.
  const ending = manifest.type === 'module' ? 'ts' : 'mts'
  const files: [string, string][] = [
    [`pipeline.${ending}`, await template('pipeline.ts')],
    [`sluice.config.${ending}`, (await template('sluice.config.ts')).replace('pipeline.ts', `pipeline.${ending}`)],
  ]
  for (const [name] of files) if (existsSync(join(folder, name))) throw taken(folder, name)
  for (const [name, text] of files) await put(name, text)
  if (!around.hasTsconfig) await put('tsconfig.json', await template('tsconfig.json'))
  if (!around.manifest && !existsSync(join(folder, '.gitignore'))) await put('.gitignore', await template('gitignore'))
  await put('package.json', `${JSON.stringify(manifest, null, around.indent)}\n`)
  return written
}

const template = (name: string): Promise<string> => readFile(new URL(name, templates), 'utf8')

async function ownManifest(): Promise<Manifest> {
  return JSON.parse(await readFile(new URL('package.json', own), 'utf8')) as Manifest
}

function taken(folder: string, name: string): SluiceError {
  return new SluiceError('USAGE', `${shownPlace(join(folder, name))} exists already; nothing was written.`, {
    hint: 'sluice init another-folder, or move that file away.',
  })
}

function packageName(folder: string): string {
  return (
    basename(folder)
      .toLowerCase()
      .replaceAll(/[^a-z0-9._-]+/g, '-')
      .replace(/^[._-]+/, '') || 'pipeline'
  )
}

function report(folder: string, { manifest, workspaceRoot, isListed }: Surroundings, written: readonly string[]): void {
  const { style, line } = output
  const where = relative(process.cwd(), folder)
  line(
    `${style.green('✓')} ${manifest ? 'Added Sluice to the package in' : 'A project that works is in'} ${where === '' ? 'this folder' : where}: ${written.join(', ')}`,
  )
  if (workspaceRoot !== undefined && !isListed) {
    line(
      `${style.yellow('!')} ${shownPlace(join(workspaceRoot, 'package.json'))} does not list it: add "${relative(workspaceRoot, folder)}" to "workspaces".`,
    )
  }
  const root = workspaceRoot === undefined ? '' : relative(process.cwd(), workspaceRoot)
  const install = root === '' ? 'npm install' : `npm install --prefix ${root}`
  const steps = [
    ...(where === '' ? [] : [`cd ${where}`]),
    ...(workspaceRoot === undefined ? ['npm install'] : []),
    'npm run pipeline',
    'npx sluice runs show',
  ]
  if (workspaceRoot !== undefined) steps.unshift(install)
  for (const [index, step] of steps.entries())
    line(`  ${style.dim(index === 0 ? 'next' : '    ')}  ${style.cyan(step)}`)
}
