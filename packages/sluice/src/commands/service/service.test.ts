import { spawnSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type RealProject, realProject } from '../../../fixtures/real-project.ts'
import { type Unit, unitName, unitText } from './unit.ts'

const unit: Unit = {
  what: 'worker',
  name: '@acme/shop',
  root: '/srv/my shop',
  command: ['/opt/node', '/srv/my shop/node_modules/sluice/bin/sluice.js', 'worker', '--name', '100% "$mine"\\'],
  environmentFile: '/srv/my shop/.sluice/service.env',
  user: 'shop',
  stopWithin: 30,
}

describe('the unit', () => {
  test('of the machine', () => {
    expect(unitName(unit.name, unit.what)).toBe('sluice-acme-shop-worker')
    expect(unitText(unit)).toMatchInlineSnapshot(`
      "# Written by: sluice service install
      [Unit]
      Description=Sluice worker of @acme/shop
      Wants=network-online.target
      After=network-online.target

      [Service]
      Type=exec
      User=shop
      WorkingDirectory=/srv/my shop
      EnvironmentFile=-/srv/my shop/.sluice/service.env
      ExecStart=/opt/node "/srv/my shop/node_modules/sluice/bin/sluice.js" worker --name "100%% \\"$$mine\\"\\\\"
      KillMode=mixed
      KillSignal=SIGTERM
      TimeoutStopSec=30
      Restart=on-failure
      RestartSec=2
      NoNewPrivileges=true

      [Install]
      WantedBy=multi-user.target
      "
    `)
  })

  test('of a user', () => {
    expect(unitText({ ...unit, user: null, command: ['/opt/node', 'sluice.js', 'dev'] })).toMatchInlineSnapshot(`
      "# Written by: sluice service install
      [Unit]
      Description=Sluice worker of @acme/shop

      [Service]
      Type=exec
      WorkingDirectory=/srv/my shop
      EnvironmentFile=-/srv/my shop/.sluice/service.env
      ExecStart=/opt/node sluice.js dev
      KillMode=mixed
      KillSignal=SIGTERM
      TimeoutStopSec=30
      Restart=on-failure
      RestartSec=2
      NoNewPrivileges=true

      [Install]
      WantedBy=default.target
      "
    `)
  })
})

const analyze = spawnSync('systemd-analyze', ['--version']).status === 0

describe('sluice service', () => {
  let project: RealProject
  let env: Record<string, string>
  const calls = async () => (await readFile(join(project.folder, 'calls'), 'utf8')).trim().split('\n')

  beforeEach(async () => {
    project = await realProject()
    // A systemctl that notes what it is asked for: the tests start nothing on the machine.
    const bin = join(project.folder, 'bin')
    await mkdir(bin)
    await writeFile(
      join(bin, 'systemctl'),
      `#!/bin/sh\necho "$*" >> ${project.folder}/calls\ncase "$*" in *is-active*) echo inactive; exit 3;; *broken*) echo "no bus" >&2; exit 1;; esac\n`,
    )
    await chmod(join(bin, 'systemctl'), 0o755)
    env = { PATH: `${bin}${delimiter}${process.env['PATH']}`, XDG_CONFIG_HOME: join(project.folder, 'config') }
  })
  afterEach(() => project.remove())

  test('install writes the unit and starts it, status says how it is, uninstall takes it away', async () => {
    const installed = await project.sluice(
      ['service', 'install', 'worker', '--', '--server', 'https://s', '--slots', '8'],
      { env },
    )
    expect(installed.stderr).toBe('')
    expect(installed.exitCode).toBe(0)
    const file = join(project.folder, 'config/systemd/user/sluice-real-project-worker.service')
    const text = await readFile(file, 'utf8')
    expect(text).toMatch(/\nExecStart=\S+node .*bin\/sluice\.js worker --server https:\/\/s --slots 8\n/)
    expect(text).toContain(`\nWorkingDirectory=${project.folder}\n`)
    expect((await stat(join(project.folder, '.sluice/service.env'))).mode & 0o777).toBe(0o600)
    const name = 'sluice-real-project-worker'
    expect(await calls()).toEqual(['--user daemon-reload', `--user enable ${name}`, `--user restart ${name}`])
    const status = await project.sluice(['service', 'status', '--json'], { env })
    expect([status.exitCode, JSON.parse(status.stdout)]).toEqual([1, [{ name, path: file, state: 'inactive' }]])
    if (analyze) expect(verify(file)).toBe('')
    const gone = await project.sluice(['service', 'uninstall', 'worker'], { env })
    expect(gone.exitCode).toBe(0)
    await expect(readFile(file)).rejects.toThrow('ENOENT')
    expect((await calls()).slice(-2)).toEqual([`--user disable --now ${name}`, '--user daemon-reload'])
  })

  test('--print writes nothing; what is not ours stays; a systemd that refuses is told of', async () => {
    const printed = await project.sluice(['service', 'install', 'server', '--print', '--system', '--user', 'shop'], {
      env,
    })
    expect(printed.stdout).toMatch(/^# Written by: sluice service install\n[^]*\nUser=shop\n/)
    await expect(stat(join(project.folder, 'config'))).rejects.toThrow('ENOENT')
    if (analyze) {
      const file = join(project.folder, 'printed.service')
      await writeFile(file, printed.stdout.replace('User=shop', 'User=root'))
      expect(verify(file)).toBe('')
    }
    const units = join(project.folder, 'config/systemd/user')
    await mkdir(units, { recursive: true })
    await writeFile(join(units, 'mine.service'), '[Unit]\n')
    for (const command of ['install', 'uninstall']) {
      const refused = await project.sluice(['service', command, 'dev', '--name', 'mine'], { env })
      expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringMatching(/of ours/)])
    }
    const broken = await project.sluice(['service', 'install', 'dev', '--name', 'broken'], { env })
    expect(broken.exitCode).not.toBe(0)
    expect(broken.stderr).toMatch(/SERVICE_FAILED.*systemctl --user enable broken did not work: no bus/)
    expect((await project.sluice(['service', 'install', 'run'], { env })).exitCode).toBe(2)
  })
})

/** What systemd itself says of a unit. */
function verify(file: string): string {
  const { status, stderr } = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' })
  return status === 0 ? '' : stderr
}

test.runIf(analyze)('a unit that systemd refuses is found out', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-unit-'))
  const file = join(folder, 'bad.service')
  await writeFile(
    file,
    unitText(unit)
      .replace('Type=exec', 'Type=for-ever')
      .replace(/ExecStart=.*/, 'ExecStart=relative'),
  )
  expect(verify(file)).not.toBe('')
  await rm(folder, { recursive: true })
})
