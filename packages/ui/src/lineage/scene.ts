import type { Rect } from './camera.ts'
import type { Folded, Item } from './graph.ts'
import type { Layout, LayoutAsked } from './layout.ts'

/** What is drawn, and where. */
export interface Scene {
  readonly folded: Folded
  readonly layout: Layout
  /** For each item the places of those before and behind it. */
  readonly before: readonly number[][]
  readonly behind: readonly number[][]
  /** Between frames: places of two, one after the other. For a distance from which single edges are a blur. */
  readonly outer: readonly number[]
}

export const nodeSize = { width: 190, height: 44 }
export const groupSize = { width: 208, height: 62 }

export const sizeOf = ({ kind }: Item): { readonly width: number; readonly height: number } =>
  kind === 'node' ? nodeSize : groupSize

export function askedOf({ items, edges, clusters }: Folded): LayoutAsked {
  return {
    widths: Float32Array.from(items, (item) => sizeOf(item).width),
    heights: Float32Array.from(items, (item) => sizeOf(item).height),
    edges,
    clusters: Int32Array.from(items, ({ cluster }) => cluster),
    clusterCount: clusters.length,
  }
}

export function sceneOf(folded: Folded, layout: Layout): Scene {
  const before: number[][] = folded.items.map(() => [])
  const behind: number[][] = folded.items.map(() => [])
  const { edges, items, clusters } = folded
  const outer = new Set<number>()
  for (let edge = 0; edge < edges.length; edge += 2) {
    before[edges[edge + 1]!]!.push(edges[edge]!)
    behind[edges[edge]!]!.push(edges[edge + 1]!)
    const [from, to] = [items[edges[edge]!]!.cluster, items[edges[edge + 1]!]!.cluster]
    if (from !== to && from >= 0 && to >= 0) outer.add(from * clusters.length + to)
  }
  const pairs = [...outer].flatMap((pair) => [Math.floor(pair / clusters.length), pair % clusters.length])
  return { folded, layout, before, behind, outer: pairs }
}

export function rectOf({ folded, layout }: Scene, place: number): Rect {
  return { x: layout.x[place]!, y: layout.y[place]!, ...sizeOf(folded.items[place]!) }
}

/** Of an item, or of a frame by the id of its group. */
export function rectById(scene: Scene, id: string): Rect | null {
  const place = scene.folded.places.get(id)
  if (place !== undefined) return rectOf(scene, place)
  const frame = scene.folded.clusters.findIndex((one) => one.id === id)
  if (frame < 0) return null
  const [x = 0, y = 0, width = 0, height = 0] = scene.layout.frames.subarray(frame * 4)
  return { x, y, width, height }
}

/** What is there: an item, the head of a frame (its group's id), or nothing. */
export function itemAt(scene: Scene, x: number, y: number, head: number): string | null {
  const { folded, layout } = scene
  for (let place = 0; place < folded.items.length; place += 1) {
    const { width, height } = sizeOf(folded.items[place]!)
    const [left, top] = [layout.x[place]!, layout.y[place]!]
    if (x >= left && x <= left + width && y >= top && y <= top + height) return folded.items[place]!.id
  }
  for (const [nth, { id }] of folded.clusters.entries()) {
    const [left = 0, top = 0, width = 0] = layout.frames.subarray(nth * 4)
    if (x >= left && x <= left + width && y >= top && y <= top + head) return id
  }
  return null
}

export type Direction = 'left' | 'right' | 'up' | 'down'

/** Where an arrow leads: along an edge to what is before or behind, or to what is next in the same column. */
export function step(scene: Scene, id: string, direction: Direction): string | null {
  const { folded, layout, before, behind } = scene
  const place = folded.places.get(id)
  if (place === undefined) return null
  const middle = (one: number): number => layout.y[one]! + sizeOf(folded.items[one]!).height / 2
  const nearest = (among: readonly number[]): number | undefined =>
    among.toSorted((a, b) => Math.abs(middle(a) - middle(place)) - Math.abs(middle(b) - middle(place)) || a - b)[0]
  const column = (): number[] =>
    [...folded.items.keys()].filter((one) => Math.abs(layout.x[one]! - layout.x[place]!) < nodeSize.width / 2)
  const next =
    direction === 'left'
      ? nearest(before[place]!)
      : direction === 'right'
        ? nearest(behind[place]!)
        : nearest(column().filter((one) => (direction === 'up') === middle(one) < middle(place) && one !== place))
  return next === undefined ? null : folded.items[next]!.id
}
