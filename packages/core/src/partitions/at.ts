import type { At } from '../assets/edges.ts'
import { SluiceError } from '../errors/sluice-error.ts'
import { domainOf, hasKey, keysIn, type SliceKey, tupleOf } from './domain.ts'
import { type EdgeMapping, edgeMapping } from './edge-mapping.ts'
import { missingKeys, needs } from './map-set.ts'
import type { KeysAt, PartitionsSpec } from './set.ts'
import { sampleKey } from './slice.ts'
import { countOf, product, span } from './spans.ts'

/** What an edge reads for one slice of the downstream asset. */
export interface Resolved {
  /** `one`: a value. `many`: `Slices`. `none`: the edge reaches before the first slice, and gives `undefined`. */
  readonly mode: 'one' | 'many' | 'none'
  /** How many of the slices exist. */
  readonly count: number
  /** The slices that exist, in order; made when they are read. */
  readonly keys: readonly SliceKey[]
  /** Is this one of the slices? */
  has(key: SliceKey): boolean
  /** Slices that the edge asks for and that do not exist; made when they are read. */
  readonly missing: readonly string[]
}

export interface EdgeSpec {
  /** `null`: not partitioned. */
  readonly up: PartitionsSpec | null
  readonly down: PartitionsSpec | null
  /** `undefined`: left to the rule. */
  readonly at: At | undefined
  /** Such as `"sales" in asset "trend"`. */
  readonly whose?: string
}

const whole: Resolved = { mode: 'one', count: 1, keys: [null], has: (key) => key === null, missing: [] }

/**
 * The upstream slices that one slice of the downstream asset reads. The defaults are Dagster's: the slice with the same
 * key where both are partitioned alike, the slices whose windows overlap where both are by the clock in other steps, by
 * dimension where one is a grid, all where the downstream is not partitioned.
 *
 * @param edge.key of the downstream slice, existing or not; `null` where that is not partitioned.
 * @param edge.keysAt the moment, and what the dynamic sets hold.
 * @throws SluiceError EDGE_INVALID where the edge does not fit the partitions, as `checkEdge` finds.
 */
export function resolveEdge(edge: EdgeSpec & { readonly key: SliceKey; readonly keysAt: KeysAt }): Resolved {
  if (!edge.up) return whole
  const { mapping, mode } = edgeMapping(edge)
  const [up, down] = [domainOf(edge.up, edge.keysAt), domainOf(edge.down, edge.keysAt)]
  const tuple = tupleOf(down, edge.key)
  if (!tuple) throw unknown(edge.down, edge.key)
  const needed = needs(mapping, down, up, product(tuple.map((number) => span(number, number + 1))))
  const count = countOf(needed.set)
  let [keys, missing]: [SliceKey[] | undefined, string[] | undefined] = [undefined, undefined]
  const isNone = mode === 'one' && count === 0 && missingKeys(needed).length === 0
  return {
    mode: isNone ? 'none' : mode,
    count,
    get keys() {
      return (keys ??= [...keysIn(up, needed.set)])
    },
    has: (key) => hasKey(up, needed.set, key),
    get missing() {
      return (missing ??= missingKeys(needed))
    },
  }
}

/** @throws SluiceError EDGE_INVALID where the edge cannot work, whatever the keys. */
export function checkEdge(edge: EdgeSpec): EdgeMapping | undefined {
  if (edge.up) return edgeMapping(edge)
  if (edge.at === undefined) return undefined
  throw new SluiceError(
    'EDGE_INVALID',
    `${edge.whose ?? 'The edge'}: the upstream is not partitioned, so .at(${JSON.stringify(edge.at)}) chooses nothing.`,
    { hint: 'Leave .at(…) out.' },
  )
}

function unknown(spec: PartitionsSpec | null, key: SliceKey): SluiceError {
  return new SluiceError('PARTITION_UNKNOWN', `${JSON.stringify(key)} is no key of these partitions.`, {
    ...(spec && { hint: `A key looks like ${sampleKey(spec)}.` }),
  })
}
