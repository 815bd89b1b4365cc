import type { RunTarget } from './run.ts'

type Made = Extract<RunTarget, { kind: 'assets' }>

/** The keys that a run is to make of an asset, which takes those that it has; `null`: none was asked for. */
export function keysToMake(
  { partitions, partitionsOf }: Pick<Made, 'partitions' | 'partitionsOf'>,
  asset: string,
): readonly string[] | null {
  return partitionsOf && Object.hasOwn(partitionsOf, asset) ? partitionsOf[asset]! : partitions
}

/**
 * What a run makes that is to make other keys of each asset.
 *
 * @param keys of those that are partitioned.
 */
export function partitionsEach(
  keys: ReadonlyMap<string, ReadonlySet<string>>,
): Pick<Made, 'partitions' | 'partitionsOf'> {
  if (keys.size === 0) return { partitions: null }
  const all = new Set([...keys.values()].flatMap((own) => [...own]))
  const fewer = [...keys].filter(([, own]) => own.size < all.size)
  const partitionsOf = Object.fromEntries(fewer.map(([name, own]) => [name, ordered(own)]))
  return { partitions: ordered(all), ...(fewer.length > 0 && { partitionsOf }) }
}

const ordered = (keys: ReadonlySet<string>): readonly string[] => [...keys].toSorted((a, b) => (a < b ? -1 : 1))
