import { accessSync, constants, existsSync, readFileSync, statfsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, sep } from 'node:path'
import { type Project, findProject, storePath } from '../project/project.ts'
import { placeOfStore } from '../project/store-place.ts'
import { shownPlace } from '../terminal/error.ts'
import { json, output } from '../terminal/terminal.ts'
import { bytesText, countOf } from '../terminal/words.ts'
import { exitCodes } from './exit-codes.ts'

interface Finding {
  readonly state: 'ok' | 'warning' | 'problem'
  readonly what: string
  readonly hint?: string
}

const LITTLE = 1_000_000_000

/** `sluice doctor`: what runs rest on, looked at without running anything. */
export async function doctor(options: { readonly json?: boolean }): Promise<number> {
  const project = findProject(process.cwd())
  const findings = [
    node(),
    pin(project.root),
    packages(project.root),
    config(project.configFile, project.root),
    ...folder(project.home),
    ...(await storeOf(project)),
  ]
  const isSick = findings.some(({ state }) => state === 'problem')
  if (options.json) json({ ok: !isSick, findings })
  else for (const finding of findings) say(finding)
  return isSick ? exitCodes.failed : exitCodes.ok
}

function say({ state, what, hint }: Finding): void {
  const { style, line } = output
  line(`${state === 'ok' ? style.green('✓') : state === 'warning' ? style.yellow('!') : style.red('✗')} ${what}`)
  if (hint !== undefined) line(`  ${style.dim('→')} ${hint}`)
}

function node(): Finding {
  const { node: version } = process.versions
  if (Number(version.split('.')[0]) >= 26) return { state: 'ok', what: `Node ${version}` }
  return {
    state: 'problem',
    what: `Node ${version} is too old`,
    hint: 'Sluice needs Node 26; sluice init pins one in a project.',
  }
}

function pin(root: string): Finding {
  const own =
    process.execPath.startsWith(join(root, 'node_modules') + sep) ||
    /[\\/]node_modules[\\/]node-/.test(process.execPath)
  if (own) return { state: 'ok', what: `Node is the project's own (${shownPlace(process.execPath)})` }
  return {
    state: 'warning',
    what: `Node is this machine's (${process.execPath}): another machine may have another`,
    hint: 'sluice init . pins one by optional dependencies.',
  }
}

function packages(root: string): Finding {
  try {
    const path = createRequire(join(root, 'package.json')).resolve('sluice/package.json')
    return { state: 'ok', what: `sluice ${(JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version}` }
  } catch (error) {
    // A package whose exports leave its package.json out is there all the same.
    if ((error as NodeJS.ErrnoException).code === 'ERR_PACKAGE_PATH_NOT_EXPORTED')
      return { state: 'ok', what: 'sluice is installed in this project' }
    return { state: 'problem', what: `sluice is not installed in ${shownPlace(root)}`, hint: 'npm install sluice' }
  }
}

function config(file: string | undefined, root: string): Finding {
  if (file !== undefined) return { state: 'ok', what: `Configuration ${shownPlace(file)}` }
  return { state: 'ok', what: `No sluice.config.ts in ${shownPlace(root)}: commands take the file to load` }
}

function folder(home: string): Finding[] {
  const there = existsSync(home) ? home : join(home, '..')
  try {
    accessSync(there, constants.W_OK)
  } catch {
    return [
      {
        state: 'problem',
        what: `${shownPlace(there)} cannot be written`,
        hint: 'Make it writable, or set SLUICE_HOME to a folder that is.',
      },
    ]
  }
  const { bavail, bsize } = statfsSync(there)
  const free = bavail * bsize
  const space: Finding =
    free < LITTLE
      ? { state: 'warning', what: `Only ${bytesText(free)} are free on the disk of ${shownPlace(there)}` }
      : { state: 'ok', what: `${bytesText(free)} free on the disk of ${shownPlace(there)}` }
  return [space]
}

async function storeOf(project: Project): Promise<Finding[]> {
  try {
    const place = await placeOfStore(project)
    return place.kind === 'postgres' ? await database(place.url, place.shown) : await file(project.home)
  } catch (error) {
    const { message, hint } = error as { message: string; hint?: string }
    return [{ state: 'problem', what: message, ...(hint !== undefined && { hint }) }]
  }
}

async function database(url: string, shown: string): Promise<Finding[]> {
  const { checkPostgres } = await import('@sluice/storage/postgres')
  const [defect] = await checkPostgres(url)
  if (defect === undefined) return [{ state: 'ok', what: `The store ${shown} is whole` }]
  return [{ state: 'problem', what: `The store ${shown}: ${defect}`, hint: 'sluice db check lists all.' }]
}

async function file(home: string): Promise<Finding[]> {
  const path = storePath(home)
  if (!existsSync(path)) return [{ state: 'ok', what: 'No store yet: the first run makes it' }]
  const { check, openSqliteStore, ownerIsAlive, removeDeadOwners } = await import('@sluice/storage')
  const defects = check(path)
  if (defects.length > 0)
    return [
      {
        state: 'problem',
        what: `The store ${shownPlace(path)}: ${defects[0]}`,
        hint: 'sluice db check lists all; sluice db restore FILE brings a backup back.',
      },
    ]
  const opened = await openSqliteStore({ path })
  try {
    const active = await opened.runs.active()
    const dead = active.filter((run) => run.owner === null || !ownerIsAlive(home, run.owner))
    const removed = removeDeadOwners(home)
    const findings: Finding[] = [
      {
        state: 'ok',
        what: `The store ${shownPlace(path)} is whole; ${countOf(active.length - dead.length, 'run is active', 'runs are active')}`,
      },
    ]
    if (dead.length > 0)
      findings.push({
        state: 'warning',
        what: `${countOf(dead.length, 'run has', 'runs have')} no process any more: ${dead.map(({ id }) => id).join(', ')}`,
        hint: 'sluice runs list records them as crashed; sluice runs resume ID goes on.',
      })
    if (removed.length > 0)
      findings.push({ state: 'ok', what: `Removed ${countOf(removed.length, 'lock')} of processes that are gone` })
    return findings
  } finally {
    await opened.close()
  }
}
