import {
  type AssetSnapshot,
  type DefinitionChange,
  type LocationVersion,
  SluiceError,
  assetChanges,
} from '@sluice/core'
import type { Store } from '../store/ports.ts'

/** A version of the code in which an asset came, went or changed. */
export interface DefinitionVersion extends Pick<LocationVersion, 'version' | 'createdAt' | 'git'> {
  readonly what: 'added' | 'removed' | 'changed'
  /** Of one that changed. */
  readonly changes: readonly DefinitionChange[]
}

/** Where a page ended: the next one begins with what is older. */
export type VersionCursor = Pick<LocationVersion, 'createdAt' | 'version'>

/**
 * How the definition of an asset changed from version to version of the code that are stored, newest first.
 *
 * @param asked.limit how many versions are looked at, whether or not it changed in them.
 * @returns `next`: `null` where the oldest version was looked at.
 */
export async function definitionHistory(
  store: Pick<Store, 'locations'>,
  asked: {
    readonly location: string
    readonly asset: string
    readonly before?: VersionCursor | undefined
    readonly limit: number
  },
): Promise<{ readonly versions: readonly DefinitionVersion[]; readonly next: VersionCursor | null }> {
  const { location, asset, before, limit } = asked
  const rows = await store.locations.versions(location, { limit: limit + 1, ...(before && { before }) })
  const found: DefinitionVersion[] = []
  const definitionIn = async (row: VersionCursor | undefined): Promise<AssetSnapshot | undefined> =>
    row && (await store.locations.version(location, row.version))?.snapshot.assets.find(({ name }) => name === asset)
  let is = await definitionIn(rows[0])
  for (const [nth, { version, createdAt, git }] of rows.slice(0, limit).entries()) {
    const was = await definitionIn(rows[nth + 1])
    const about = { version, createdAt, git }
    if (is && was) {
      const changes = assetChanges(was, is)
      if (changes.length > 0) found.push({ ...about, what: 'changed', changes })
    } else if (is || was) found.push({ ...about, what: is ? 'added' : 'removed', changes: [] })
    is = was
  }
  const last = rows[limit - 1]
  return { versions: found, next: rows.length > limit && last ? last : null }
}

/**
 * Whose code has an asset: the only location's, or else the one whose active code has it.
 *
 * @throws SluiceError ASSET_UNKNOWN where that says nothing.
 */
export async function locationOfAsset({ locations }: Pick<Store, 'locations'>, asset: string): Promise<string> {
  const all = await locations.list()
  if (all.length === 1) return all[0]!.name
  for (const { name, active } of all) {
    const code = active === null ? null : await locations.version(name, active)
    if (code?.snapshot.assets.some((one) => one.name === asset)) return name
  }
  throw new SluiceError('ASSET_UNKNOWN', `No active code has an asset "${asset}".`, {
    hint:
      all.length === 0
        ? 'Versions of code are kept by a server: sluice dev, sluice deploy.'
        : `Say whose history is meant: --location ${all[0]!.name}`,
  })
}
