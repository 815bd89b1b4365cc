import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../programs.ts'
import { type Place, runSteps } from './workload.ts'

/** The syncs that a run of so many steps really made, counted by strace in every thread; `null` where it cannot. */
export async function countSyncs(place: Place, count: number, width: number): Promise<number | null> {
  const folder = mkdtempSync(join(place.disk.folder, 'trace-'))
  const trace = join(folder, 'trace')
  const strace = [
    'strace',
    '-f',
    '-qq',
    '--seccomp-bpf',
    '-e',
    'trace=fsync,fdatasync',
    '-e',
    'signal=none',
    '-o',
    trace,
  ]
  try {
    await run('strace', ['-qq', '-e', 'trace=fsync', '-o', '/dev/null', 'true'])
  } catch {
    return null // not there, or not allowed to trace
  }
  try {
    await runSteps(place, { count, width }, 'script', strace)
    return syncsIn(readFileSync(trace, 'utf8'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Pure: calls in strace's output; one that another thread interrupted has two lines and is counted by its first. */
export function syncsIn(trace: string): number {
  return trace.match(/\bf(data)?sync\(/g)?.length ?? 0
}
