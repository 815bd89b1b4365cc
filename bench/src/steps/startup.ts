import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Figures } from '../figures.ts'
import { run } from '../programs.ts'
import { type Place, workload } from './workload.ts'

const quickstart = resolve(import.meta.dirname, '..', '..', '..', 'examples', 'quickstart', 'words.ts')

/** From the start of the process until it is gone, in a project that has run before: by `node`, by `sluice run`. */
export async function measureStartup({ disk, product }: Place, figures: Figures, times: number): Promise<void> {
  const home = mkdtempSync(join(disk.folder, 'startup-'))
  const env = { SLUICE_HOME: home, SLUICE_QUIET: '1' }
  const script = existsSync(quickstart) ? quickstart : workload('small.ts')
  const node = async (...args: string[]): Promise<number> =>
    (await run(product.node[0]!, [...product.node.slice(1), ...args], { env })).ms
  const command = async ([program, ...args]: readonly string[]): Promise<number> =>
    (await run(program!, [...args, 'run', script], { env })).ms
  try {
    await node(script)
    if (product.command) await command(product.command)
    for (let n = 0; n < times; n++) {
      figures.add('startup.node_ms', 'ms', await node('-e', ''))
      figures.add('startup.script_ms', 'ms', await node(script))
      if (product.command) figures.add('startup.run_ms', 'ms', await command(product.command))
    }
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}
