import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Disk } from '../disk.ts'
import type { Product } from '../product.ts'
import { run } from '../programs.ts'
import type { Plan } from '../workloads/plan.ts'

/** What the workload `steps` says of itself. */
export interface Measured {
  readonly ms: number
  /** Of the whole process. */
  readonly cpuMs: number
  /** Of the thread that runs the flow; most of the rest is the store's. */
  readonly threadMs: number
  /** Peak, in bytes. */
  readonly rss: number
}

export interface Place {
  readonly disk: Disk
  readonly product: Product
}

export const workload = (name: string): string => join(import.meta.dirname, '..', 'workloads', name)

/** The plan and the store in the environment of a workload. Nothing of it is said, or resumed, that was not asked for. */
export function environment(plan: Plan, home: string): Record<string, string> {
  return { SLUICE_BENCH_PLAN: JSON.stringify(plan), SLUICE_HOME: home, SLUICE_QUIET: '1' }
}

/** Runs something in a fresh folder with a fresh store, and reads what it wrote to `out`. */
export async function inFreshFolder<T>(
  disk: Disk,
  work: (folder: string, out: string) => Promise<unknown>,
): Promise<T> {
  const folder = mkdtempSync(join(disk.folder, 'run-'))
  try {
    const out = join(folder, 'out.json')
    await work(folder, out)
    return JSON.parse(readFileSync(out, 'utf8')) as T
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Steps in a fresh process with a fresh store: as a script, or by the command and its child process. */
export function runSteps(
  { disk, product }: Place,
  plan: Partial<Plan>,
  by: 'script' | 'command' = 'script',
  wrap: readonly string[] = [],
): Promise<Measured> {
  return inFreshFolder<Measured>(disk, (folder, out) => {
    const env = environment({ before: 0, warm: 0, count: 1, width: 1, ...plan, out }, join(folder, 'store'))
    const script = workload('steps.ts')
    const start = by === 'script' ? [...product.node, script] : [...product.command!, 'run', script]
    const [program, ...args] = [...wrap, ...start]
    return run(program!, args, { env })
  })
}
