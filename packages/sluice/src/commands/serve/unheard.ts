import type { AssetSnapshot } from '@sluice/core'
import { countOf } from '../../terminal/words.ts'

/** What to say of assets with a condition, which nothing looks at yet; `null`: there are none. */
export function unheardConditions(assets: readonly AssetSnapshot[]): string | null {
  const names = assets.filter(({ condition }) => condition !== undefined).map(({ name }) => name)
  if (names.length === 0) return null
  const some = names.slice(0, 5).join(', ') + (names.length > 5 ? ', …' : '')
  const have = names.length === 1 ? 'has' : 'have'
  return `${countOf(names.length, 'asset')} ${have} a condition, which no server evaluates yet (${some}): a schedule, a sensor or sluice materialize makes them.`
}
