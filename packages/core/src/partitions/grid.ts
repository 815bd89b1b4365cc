import { SluiceError } from '../errors/sluice-error.ts'
import { computedKeys, type Keys } from './keys.ts'
import type { GridSpec, PartitionsSpec } from './set.ts'
import { timeline } from './time.ts'

/** Between the keys of a grid's dimensions. */
const BETWEEN = '|'

const known = new WeakMap<GridSpec, readonly (readonly [name: string, dim: PartitionsSpec])[]>()

/**
 * The dimensions of a grid, sorted by name: the order of the parts of its keys.
 *
 * @throws SluiceError DEFINITION_INVALID for a grid that has none, a grid in a grid, or a key that has a `|`.
 */
export function dimensionsOf(
  spec: GridSpec,
  whose = 'This',
): readonly (readonly [name: string, dim: PartitionsSpec])[] {
  let dims = known.get(spec)
  if (!dims) {
    dims = Object.entries(spec.dims).toSorted(([a], [b]) => (a < b ? -1 : 1))
    if (dims.length === 0) throw new SluiceError('DEFINITION_INVALID', `${whose}: a grid needs a dimension.`)
    for (const [name, dim] of dims) assertDimension(dim, `${whose}, dimension ${name}`)
    known.set(spec, dims)
  }
  return dims
}

function assertDimension(dim: PartitionsSpec, whose: string): void {
  if (dim.kind === 'grid') {
    throw new SluiceError('DEFINITION_INVALID', `${whose}: a grid cannot be a dimension.`, {
      hint: 'Write all dimensions in one grid; it may have any number.',
    })
  }
  if (dim.kind === 'dynamic') return
  const marked = dim.kind === 'one of' ? dim.keys.find(isMarked) : [timeline(dim, whose).keyOf(0)].find(isMarked)
  if (marked !== undefined) {
    throw new SluiceError('DEFINITION_INVALID', `${whose}: the key ${JSON.stringify(marked)} has a ${BETWEEN}.`, {
      hint: `${BETWEEN} stands between the parts of a grid's key.`,
    })
  }
}

/** Can this key be no part of a grid's key? */
export const isMarked = (key: string): boolean => key.includes(BETWEEN)

/** The parts of a grid's key, in the order of its dimensions; `null` where there are more or fewer. */
export function splitKey(key: string, dims: number): readonly string[] | null {
  const parts = key.split(BETWEEN)
  return parts.length === dims ? parts : null
}

export const joinKey = (parts: readonly string[]): string => parts.join(BETWEEN)

/** Every combination, the last dimension fastest. Nothing is listed: 10⁹ keys cost what one does. */
export function gridKeys(dims: readonly Keys[]): Keys {
  const count = dims.reduce((product, { count: own }) => product * own, 1)
  return computedKeys(
    count,
    (index) => {
      const parts: string[] = []
      let left = index
      for (const dim of dims.toReversed()) {
        parts.unshift(dim.at(left % dim.count)!)
        left = Math.floor(left / dim.count)
      }
      return joinKey(parts)
    },
    (key) => {
      let index = 0
      const parts = splitKey(key, dims.length)
      if (!parts) return -1
      for (const [n, dim] of dims.entries()) {
        const own = dim.indexOf(parts[n]!)
        if (own === -1) return -1
        index = index * dim.count + own
      }
      return index
    },
  )
}
