import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { homedir, userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { SluiceError } from '@sluice/core'
import { type Project, findProject, makeHome } from '../../project/project.ts'
import { shownPlace } from '../../terminal/error.ts'
import { json, output } from '../../terminal/terminal.ts'
import { exitCodes } from '../exit-codes.ts'
import { nameOf } from '../serve/worker.ts'
import { type Unit, mark, unitName, unitText } from './unit.ts'

export interface ServiceOptions {
  readonly system?: boolean
  readonly user?: string
  readonly name?: string
  readonly envFile?: string
  readonly stopWithin?: string
  readonly print?: boolean
  readonly start?: boolean
  readonly json?: boolean
}

const kinds = ['dev', 'server', 'worker']

/** `sluice service install WHAT [-- ARGS]` */
export function installService(what: string, args: readonly string[], options: ServiceOptions): void {
  const project = findProject(process.cwd())
  const unit = unitOf(project, what, args, options)
  const text = unitText(unit)
  if (options.print) return void process.stdout.write(text)
  const name = options.name ?? unitName(unit.name, what)
  const path = join(folderOf(options), `${name}.service`)
  if (existsSync(path) && !readFileSync(path, 'utf8').startsWith(mark))
    throw new SluiceError('USAGE', `${path} is there already, and is not one of ours.`, {
      hint: 'Give another name: --name NAME.',
    })
  makeHome(project.home)
  if (!existsSync(unit.environmentFile)) writeFileSync(unit.environmentFile, emptyEnvironment, { mode: 0o600 })
  mkdirSync(folderOf(options), { recursive: true })
  writeFileSync(path, text)
  systemctl(options, 'daemon-reload')
  if (options.start !== false) systemctl(options, 'enable', name)
  // Also where it runs already: with what is new.
  if (options.start !== false) systemctl(options, 'restart', name)
  const { style, line } = output
  line(
    `${style.green('✓')} ${shownPlace(path)} starts sluice ${what} with ${options.system ? 'the machine' : 'your session'}.`,
  )
  line(`  ${style.dim('token')}  ${shownPlace(unit.environmentFile)}`)
  line(`  ${style.dim('lines')}  journalctl ${options.system ? '' : '--user '}-fu ${name}`)
  if (!options.system) line(`  ${style.dim('also without a session')}  loginctl enable-linger ${userInfo().username}`)
}

const emptyEnvironment = `# Variables of the service, one on a line: NAME=value. Read when it starts.
# SLUICE_TOKEN=
`

function unitOf(project: Project, what: string, args: readonly string[], options: ServiceOptions): Unit {
  if (!kinds.includes(what))
    throw new SluiceError('USAGE', `"${what}" is nothing that goes on for ever.`, {
      hint: `One of: ${kinds.join(', ')}.`,
    })
  const stopWithin = Number(options.stopWithin ?? 30)
  if (!Number.isInteger(stopWithin) || stopWithin < 1)
    throw new SluiceError('USAGE', `--stop-within takes whole seconds, not ${options.stopWithin}.`)
  return {
    what,
    name: nameOf(project.root),
    root: project.root,
    command: [process.execPath, ...process.execArgv, resolve(process.argv[1]!), what, ...args],
    environmentFile: options.envFile === undefined ? join(project.home, 'service.env') : resolve(options.envFile),
    user: options.system ? (options.user ?? ownerOf(project.root)) : null,
    stopWithin,
  }
}

/** Whose project it is: a service of the machine does not need to be root's. */
function ownerOf(root: string): string {
  const { uid } = statSync(root)
  try {
    return execFileSync('id', ['-un', String(uid)], { encoding: 'utf8' }).trim()
  } catch {
    return String(uid)
  }
}

/** `sluice service uninstall WHAT` */
export function uninstallService(what: string, options: ServiceOptions): void {
  const { root } = findProject(process.cwd())
  const name = options.name ?? unitName(nameOf(root), what)
  const path = join(folderOf(options), `${name}.service`)
  if (!existsSync(path) || !readFileSync(path, 'utf8').startsWith(mark))
    throw new SluiceError('USAGE', `There is no ${path} of ours.`, {
      hint: 'sluice service status lists what there is.',
    })
  systemctl(options, 'disable', '--now', name)
  rmSync(path)
  systemctl(options, 'daemon-reload')
  output.line(`${output.style.green('✓')} ${name} has stopped, and does not start again.`)
}

/** `sluice service status`: the services of this project. */
export function serviceStatus(options: ServiceOptions): number {
  const { root } = findProject(process.cwd())
  const folder = folderOf(options)
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.service')) : []
  const found = files
    .map((file) => ({ name: file.slice(0, -'.service'.length), path: join(folder, file) }))
    .filter(({ path }) => {
      const text = readFileSync(path, 'utf8')
      return text.startsWith(mark) && text.includes(`\nWorkingDirectory=${root.replaceAll('%', '%%')}\n`)
    })
    .map((one) => ({ ...one, state: stateOf(options, one.name) }))
  const { style, line } = output
  if (options.json) json(found)
  else if (found.length === 0) line('This project has no service. sluice service install dev makes one.')
  else
    for (const { name, state, path } of found)
      line(
        `${state === 'active' ? style.green('●') : style.red('●')} ${name}  ${state}  ${style.dim(shownPlace(path))}`,
      )
  return found.every(({ state }) => state === 'active') ? exitCodes.ok : exitCodes.failed
}

function folderOf({ system }: ServiceOptions): string {
  if (system) return '/etc/systemd/system'
  return join(process.env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config'), 'systemd/user')
}

/** `active`, `inactive`, `failed`, …: says so with its exit code too. */
function stateOf(options: ServiceOptions, name: string): string {
  try {
    return systemctl(options, 'is-active', name).trim()
  } catch (error) {
    const said = ((error as SluiceError).cause as { stdout?: string } | undefined)?.stdout?.trim()
    if (said) return said
    throw error
  }
}

function systemctl({ system }: ServiceOptions, ...args: readonly string[]): string {
  const all = [...(system ? [] : ['--user']), ...args]
  try {
    return execFileSync('systemctl', all, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  } catch (cause) {
    const { code, stderr = '' } = cause as { code?: string; stderr?: string }
    const why = code === 'ENOENT' ? 'there is no systemd here' : stderr.trim().split('\n')[0]
    throw new SluiceError('SERVICE_FAILED', `systemctl ${all.join(' ')} did not work: ${why}.`, {
      cause,
      hint: 'sluice service install … --print shows the unit, for another way to start it.',
    })
  }
}
