import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Place } from '../steps/workload.ts'

const sluice = join(fileURLToPath(import.meta.resolve('sluice')), '..', '..')

/** A project of its own in the benchmark's folder; removed by `close`. */
export function makeProject({ disk }: Pick<Place, 'disk'>, pipeline: string): { folder: string; close(): void } {
  const folder = mkdtempSync(join(disk.folder, 'project-'))
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(sluice, join(folder, 'node_modules', 'sluice'))
  writeFileSync(join(folder, 'package.json'), '{ "name": "bench", "type": "module" }\n')
  writeFileSync(join(folder, 'pipeline.ts'), pipeline)
  return { folder, close: () => rmSync(folder, { recursive: true, force: true }) }
}

/** So many assets in chains of ten, and a flow that does next to nothing. */
export function assetsAndFlow(count: number): string {
  const lines = [`import { asset, flow, task } from 'sluice'`]
  for (let n = 0; n < count; n++) {
    const name = `a${n}`
    const inputs = n % 10 === 0 ? '' : `{ inputs: { above: a${n - 1} } }, `
    lines.push(`export const ${name} = asset('group${Math.floor(n / 100)}/${name}', ${inputs}() => ${n})`)
  }
  lines.push(`const add = task('add', (n: number) => n + 1)`)
  lines.push(`export const trivial = flow('trivial', async () => add(1))`)
  return lines.join('\n')
}

/** So many assets in fifty groups, each made from up to three of its group and now and then one of a group before. */
export function assetsInGroups(count: number): string {
  const lines = [`import { asset } from 'sluice'`]
  const size = count / 50
  let seed = 7
  const below = (most: number): number => (seed = (seed * 48_271) % 2_147_483_647) % Math.max(1, most)
  for (let n = 0; n < count; n++) {
    const group = Math.floor(n / size)
    const first = group * size
    const near = Array.from({ length: below(4) }, () => n - 1 - below(40)).filter((one) => one >= first)
    const far = group > 0 && below(12) === 0 ? [below(first)] : []
    const deps = [...new Set([...near, ...far])].map((one) => `a${one}`).join(', ')
    lines.push(
      `export const a${n} = asset('group${group}/a${n}', { group: 'group${group}', deps: [${deps}] }, () => ${n})`,
    )
  }
  return lines.join('\n')
}
