import { mkdtempSync, readFileSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDisk } from './disk.ts'
import { openProduct } from './product.ts'
import { runSteps } from './steps/workload.ts'

/** A profile as V8 writes it, the part that is read here. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  }[]
  readonly samples: readonly number[]
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[]
}

/** The script's thread during 100,000 steps, 500 at once. It is idle while it waits for the store's, which ends unprofiled. */
export async function profile({ folder }: { readonly folder?: string | undefined }): Promise<void> {
  const disk = openDisk(folder)
  const kept = mkdtempSync(join(tmpdir(), 'sluice-profile-'))
  try {
    const product = await openProduct(true, () => {})
    const node = [...product.node, '--cpu-prof', `--cpu-prof-dir=${kept}`]
    await runSteps({ disk, product: { ...product, node } }, { warm: 5000, count: 100_000, width: 500 })
  } finally {
    disk.close()
  }
  for (const name of readdirSync(kept)) {
    const file = join(kept, name)
    console.log(`\n${file}`)
    for (const { what, share } of hottest(JSON.parse(readFileSync(file, 'utf8')) as CpuProfile).slice(0, 20)) {
      console.log(`${(share * 100).toFixed(1).padStart(5)} %  ${what}`)
    }
  }
}

/** Functions by the time spent in themselves, the most first. */
export function hottest({ nodes, samples, timeDeltas }: CpuProfile): { what: string; share: number }[] {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]))
  const spent = new Map<string, number>()
  let total = 0
  for (const [n, id] of samples.entries()) {
    const time = timeDeltas[n] ?? 0
    total += time
    spent.set(names.get(id)!, (spent.get(names.get(id)!) ?? 0) + time)
  }
  return [...spent].map(([what, time]) => ({ what, share: time / total })).sort((a, b) => b.share - a.share)
}

function nameOf({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  const place = url.split('/').slice(-2).join('/')
  return `${functionName || '(anonymous)'}${place ? ` ${place}:${lineNumber + 1}` : ''}`
}
