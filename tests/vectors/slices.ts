import { type ConditionGraph, type KeysAt, keysIn, needs, setOf } from '@sluice/core'
import type { World } from './world.ts'

/** The slices that a slice is made from, at a moment. */
export function slicesOf(graph: ConditionGraph, keysAt: KeysAt): World['upstreamSlices'] {
  return (asset, partition) => {
    const down = graph.entities.get(asset)!
    const below = graph.domain(down, keysAt)
    return down.deps.flatMap((up) => {
      const above = graph.domain(up, keysAt)
      if (above.axes.length === 0) return [[up.id, null] as const]
      const { set } = needs(
        graph.mapping(down, up),
        below,
        above,
        partition === null ? true : setOf(below, [partition]),
      )
      return [...keysIn(above, set)].map((key) => [up.id, key] as const)
    })
  }
}
