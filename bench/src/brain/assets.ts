import { type AnyAsset, type AssetRecord, type ConditionAsset, asset, eager } from '@sluice/core'

/** Assets in a hundred columns, each made from the one above it and from one somewhere before. */
export function assetsOf(count: number): readonly (ConditionAsset & AssetRecord)[] {
  const condition = eager()
  return Array.from({ length: count }, (_, n) => {
    const upstream = upstreamOf(n)
    return {
      name: `a${n}`,
      upstream,
      edges: upstream.map((asset) => ({ asset })),
      partitions: null,
      condition,
      codeVersion: '1',
      group: `g${n % 50}`,
      tags: { tier: String(n % 3) },
    }
  })
}

export const upstreamOf = (n: number): string[] => (n < 100 ? [] : [`a${n - 100}`, `a${(n * 7) % (n - 1)}`])

/** Milliseconds of processor time. */
export function cpuOf(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

/** The same as people define them. */
export function definedAssets(count: number): readonly AnyAsset[] {
  const made: AnyAsset[] = []
  for (let n = 0; n < count; n++)
    made.push(asset(`a${n}`, { deps: upstreamOf(n).map((name) => made[Number(name.slice(1))]!) }, () => n))
  return made
}
