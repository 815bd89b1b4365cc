import type { StaleCause, Staleness } from '@sluice/core'

/** Why it is not up to date, in the words of `sluice assets show`. */
export const staleReasons = ({ causes, omitted }: Staleness): string[] => [
  ...causes.map(reasonOf),
  ...(omitted > 0 ? [`and ${omitted} more`] : []),
]

function reasonOf({ kind, dependency, partition }: StaleCause): string {
  if (kind === 'code') return 'its code has a new version'
  const upstream = partition === null ? dependency : `${dependency} ${partition}`
  return kind === 'data' ? `${upstream} has a new version` : `${upstream} came or went as something it is made from`
}
