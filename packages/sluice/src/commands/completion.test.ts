import { execFile } from 'node:child_process'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RealProject, realProject, command } from '../../fixtures/real-project.ts'

let project: RealProject
let bin: string

beforeAll(async () => {
  project = await realProject(fileURLToPath(new URL('../../fixtures/pipeline', import.meta.url)))
  bin = join(project.folder, 'bin')
  await mkdir(bin)
  await writeFile(join(bin, 'sluice'), `#!/bin/sh\nexec "${process.execPath}" "${command}" "$@"\n`)
  await chmod(join(bin, 'sluice'), 0o755)
  const made = await project.sluice(['materialize', 'total', '--partition', '2026-01-01'])
  if (made.exitCode !== 0) await project.sluice(['materialize', '*', '--partition', '2026-01-01'])
})
afterAll(() => project.remove())

/** What bash offers when Tab is pressed behind these words, the last of which is being typed. */
async function offered(...words: string[]): Promise<string[]> {
  const script = `eval "$(sluice completion bash)"
COMP_WORDS=(sluice ${words.map((word) => `'${word}'`).join(' ')})
COMP_CWORD=${words.length}
_sluice
printf '%s\\n' "\${COMPREPLY[@]}"`
  const env = { ...process.env, PATH: `${bin}:${process.env['PATH']}` }
  const { stdout } = await promisify(execFile)('bash', ['-c', script], { cwd: project.folder, env })
  return stdout.split('\n').filter((line) => line !== '')
}

test('bash completes commands, options, and the names of what there is', async () => {
  expect(await offered('ass')).toEqual(['assets'])
  expect(await offered('assets', 'wi')).toEqual(['wipe'])
  expect(await offered('assets', 'wipe', '--h')).toEqual(expect.arrayContaining(['--history', '--help']))
  expect(await offered('assets', 'show', 'shop')).toEqual(['shop/orders'])
  expect(await offered('materialize', 'tot')).toEqual(['total'])
  const runs = await offered('runs', 'show', '')
  expect(runs).toContain('latest')
  expect(runs.some((id) => /^r[\da-z]{20}$/.test(id))).toBe(true)
  // Behind the name there is nothing more to name.
  expect(await offered('assets', 'show', 'total', 'tot')).toEqual([])
})

test('a name that a shell would carry out is a word like others', async () => {
  await writeFile(
    join(project.folder, 'odd.ts'),
    `import { asset } from 'sluice'\nexport const odd = asset('odd $(touch carried-out) name', () => 1)`,
  )
  expect((await project.sluice(['materialize', '*', 'odd.ts'])).exitCode).toBe(0)
  expect(await offered('assets', 'show', 'odd')).toEqual(['odd.ts', 'odd $(touch carried-out) name'])
  expect(await offered('assets', 'show', 'carried')).toEqual([])
})

test('zsh and fish ask for names at the same places', async () => {
  const { stdout: zsh } = await project.sluice(['completion', 'zsh'])
  expect(zsh).toContain(`'assets show') kind=assets found=(`)
  expect(zsh).toContain('sluice names $kind')
  const { stdout: fish } = await project.sluice(['completion', 'fish'])
  expect(fish).toContain(
    `complete -c sluice -n '__fish_seen_subcommand_from runs; and __fish_seen_subcommand_from show' -a '(sluice names runs 2>/dev/null)'`,
  )
  expect((await project.sluice(['completion', 'tcsh'])).exitCode).toBe(2)
})
