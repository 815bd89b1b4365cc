import { type AssetRecord, type ConditionAsset, eager } from '@sluice/core'

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
