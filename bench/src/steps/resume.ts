import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Figures } from '../figures.ts'
import { run } from '../programs.ts'
import { type Place, environment, inFreshFolder, workload } from './workload.ts'

interface Resumed {
  readonly loaded: number
  readonly called: number
  readonly body: number
  readonly replayed: number
  readonly ended: number
  readonly executed: number
  readonly rss: number
}

/** The store of a run that was killed when all of its steps were committed. */
export async function killedRun({ disk, product }: Place, count: number, width: number): Promise<string> {
  const home = mkdtempSync(join(disk.folder, 'killed-'))
  const env = {
    ...environment({ before: 0, warm: 0, count, width, out: join(home, 'out') }, home),
    SLUICE_BENCH_WAIT: '1',
  }
  await run(product.node[0]!, [...product.node.slice(1), workload('resume.ts')], { env, killAt: 'committed' })
  return home
}

/**
 * Resumes a copy of a killed run. Measured is all that a person waits for: from the start of the process until the
 * flow's call has returned, with its end on disk. The parts: Node and the script's modules; opening the store and
 * claiming the run up to the flow's first line, which loads the journal; the replay of its steps; its end.
 */
export async function measureResume(
  { disk, product }: Place,
  figures: Figures,
  killed: string,
  count: number,
  width: number,
): Promise<void> {
  const name = `resume.${count}${width === 1 ? '_sequential' : ''}`
  const times = await inFreshFolder<Resumed>(disk, async (folder, out) => {
    const home = join(folder, 'store')
    cpSync(killed, home, { recursive: true })
    const env = environment({ before: 0, warm: 0, count, width, out }, home)
    await run(product.node[0]!, [...product.node.slice(1), workload('resume.ts')], { env })
  })
  if (times.executed > 0) throw new Error(`${times.executed} committed steps were executed again.`)
  figures.add(`${name}_ms`, 'ms', times.ended)
  figures.add(`${name}_start_ms`, 'ms', times.called)
  figures.add(`${name}_load_ms`, 'ms', times.body - times.called)
  figures.add(`${name}_replay_ms`, 'ms', times.replayed - times.body)
  figures.add(`${name}_end_ms`, 'ms', times.ended - times.replayed)
  figures.add(`${name}_mb`, 'MB', times.rss / 1e6)
}

export const forget = (home: string): void => rmSync(home, { recursive: true, force: true })
