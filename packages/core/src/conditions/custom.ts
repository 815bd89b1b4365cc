import type { AnyAsset } from '../assets/asset.ts'
import { SluiceError } from '../errors/sluice-error.ts'
import { type ConditionSpec, type CustomRun, partsOf } from './condition.ts'

/** The function of a custom condition of this name; `undefined` where none of the assets has it. */
function findCustom(assets: Iterable<AnyAsset>, name: string): CustomRun | undefined {
  for (const { options, checkList } of assets)
    for (const condition of [options.condition, ...checkList.map((one) => one.condition)]) {
      const found = condition && within(condition, name)
      if (found) return found
    }
  return undefined
}

function within(spec: ConditionSpec, name: string): CustomRun | undefined {
  if (spec.op === 'custom') return spec.name === name ? spec.run : undefined
  for (const part of partsOf(spec)) {
    const found = within(part, name)
    if (found) return found
  }
  return undefined
}

/**
 * What a custom condition says of an asset: of all of its slices, of none, or of these.
 *
 * @throws SluiceError TARGET_UNKNOWN where the code has no such condition; DEFINITION_INVALID where its function gives
 *   something else; what the function throws.
 */
export async function askCustom(
  assets: Iterable<AnyAsset>,
  name: string,
  asked: { readonly asset: string; readonly now: Temporal.Instant; readonly signal: AbortSignal },
): Promise<boolean | readonly string[]> {
  const run = findCustom(assets, name)
  if (!run) throw new SluiceError('TARGET_UNKNOWN', `No condition is called "${name}".`)
  const said: unknown = await run(asked)
  if (typeof said === 'boolean') return said
  const keys =
    typeof said === 'object' && said !== null && Symbol.iterator in said ? [...(said as Iterable<unknown>)] : null
  if (keys?.every((key) => typeof key === 'string')) return keys
  throw new SluiceError('DEFINITION_INVALID', `Condition "${name}" must give true, false, or a list of keys.`)
}
