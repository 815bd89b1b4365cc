import { type AssetSnapshot, type OnlyChecks, SluiceError, closest } from '@sluice/core'

/**
 * The checks that a run tests which makes nothing, as `asset:check`, with the assets they are of.
 *
 * @param only the names of checks; one that none of the assets has is a mistake.
 * @throws SluiceError CHECK_UNKNOWN; SELECTION_EMPTY where no asset has checks.
 */
export function chosenChecks(
  chosen: readonly AssetSnapshot[],
  selection: string,
  only: OnlyChecks,
): { readonly assets: readonly AssetSnapshot[]; readonly checks: readonly string[] } {
  const known = new Set(chosen.flatMap(({ checks }) => checks.map(({ name }) => name)))
  if (known.size === 0)
    throw new SluiceError('SELECTION_EMPTY', `No asset of the selection ${selection} has checks.`, {
      hint: 'Add some to its definition: asset(…).checks({ … }).',
    })
  const unknown = only === 'all' ? undefined : only.find((name) => !known.has(name))
  if (unknown !== undefined) {
    const near = closest(unknown, [...known])
    throw new SluiceError('CHECK_UNKNOWN', `No asset of the selection ${selection} has a check "${unknown}".`, {
      hint: near === undefined ? `There is: ${[...known].slice(0, 12).join(', ')}.` : `Did you mean ${near}?`,
    })
  }
  const of = (asset: AssetSnapshot): string[] =>
    asset.checks.filter(({ name }) => only === 'all' || only.includes(name)).map(({ name }) => `${asset.name}:${name}`)
  const assets = chosen.filter((asset) => of(asset).length > 0)
  return { assets, checks: assets.flatMap(of) }
}
