import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { dirname, join } from 'node:path'
import type { Block, Page } from './blocks.ts'

export interface Ended {
  readonly code: number | null
  readonly output: string
}

/** The folder of one page while its blocks run, one after another. */
export interface Stage {
  run(block: Block): Promise<Ended>
}

/** Where servers listen if nothing else is said, as pages have it. */
const usualPort = '4747'

/**
 * Makes an empty project for a page. Named files stay in it, and shell blocks run there; a block without a name runs
 * in a fresh copy of the named files, with no store. Port 4747 stands for one that is free: another server may be there.
 *
 * @param place a folder inside the repository, so that `sluice` is found from it; it is emptied
 */
export async function openStage(root: string, place: string, page: Page): Promise<Stage> {
  const folder = join(place, page.path.replace(/\.md$/, '').replaceAll('/', '_'))
  const project = join(folder, 'project')
  const bin = join(folder, 'bin')
  await rm(folder, { recursive: true, force: true })
  await mkdir(project, { recursive: true })
  await mkdir(bin, { recursive: true })
  await writeFile(join(project, 'package.json'), '{ "type": "module", "private": true }\n')
  await shim(bin, 'sluice', `exec node '${join(root, 'packages/sluice/bin/sluice.js')}' "$@"`)
  await shim(bin, 'node', `exec '${process.execPath}' "$@"`)
  await shim(bin, 'npx', 'exec "$@"')
  // Without it every process compiles our code anew.
  const around = { PATH: `${bin}:${process.env['PATH']}`, NODE_COMPILE_CACHE: join(root, '.docs-check/compiled') }
  const named = new Map<string, string>()
  const port = await freePort()

  const keep = async (folder: string, name: string, code: string) => {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), code)
  }

  const program = async (folder: string, name: string, block: Block): Promise<Ended> => {
    if (!block.run) return { code: block.exit, output: '' }
    if (/from 'vitest'/.test(block.code)) {
      const config = join(root, 'tests/docs/vitest.config.ts')
      const vitest = join(root, 'node_modules/vitest/vitest.mjs')
      return execute(folder, around, process.execPath, [vitest, 'run', '--config', config, '--root', folder, name])
    }
    return execute(folder, around, process.execPath, [name])
  }

  return {
    async run(written) {
      const block = { ...written, code: written.code.replaceAll(usualPort, port) }
      if (block.language === 'sh') return execute(project, around, 'bash', ['-eu', '-o', 'pipefail', '-c', block.code])
      if (block.file !== null) {
        named.set(block.file, block.code)
        await keep(project, block.file, block.code)
        return program(project, block.file, block)
      }
      const fresh = join(folder, `line-${block.line}`)
      await cp(join(project, 'package.json'), join(fresh, 'package.json'))
      for (const [name, code] of named) await keep(fresh, name, code)
      const name = /from 'vitest'/.test(block.code) ? 'example.test.ts' : 'example.ts'
      await keep(fresh, name, block.code)
      return program(fresh, name, block)
    },
  }
}

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return String(port)
}

async function shim(bin: string, name: string, script: string): Promise<void> {
  await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`)
  await chmod(join(bin, name), 0o755)
}

function execute(cwd: string, around: NodeJS.ProcessEnv, command: string, args: readonly string[]): Promise<Ended> {
  const { NODE_OPTIONS: _, VITEST: __, ...inherited } = process.env
  const env = { ...inherited, ...around, NO_COLOR: '1' }
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    child.stdout.on('data', (data: Buffer) => (output += data.toString()))
    child.stderr.on('data', (data: Buffer) => (output += data.toString()))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
  })
}
