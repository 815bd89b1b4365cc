import { type Boxes, type Placed, layered } from './layered.ts'

/** What the worker is asked: boxes, edges, and in which frame each box is (-1: in none). */
export interface LayoutAsked extends Boxes {
  readonly widths: Float32Array
  readonly heights: Float32Array
  readonly edges: Int32Array
  readonly clusters: Int32Array
  readonly clusterCount: number
}

export interface Layout extends Placed {
  /** Of each frame: left, top, width, height. */
  readonly frames: Float32Array
}

export const framePadding = 14
export const frameHead = 30

/** Boxes of a frame by themselves, then frames and all other boxes. Pure; in a worker, as ten thousand take a while. */
export function layout({ widths, heights, edges, clusters, clusterCount }: LayoutAsked): Layout {
  const frames = new Float32Array(clusterCount * 4)
  const inner = innerLayouts({ widths, heights, edges, clusters, clusterCount })
  // Outside stands each frame, then each box without one.
  const outside = new Int32Array(widths.length)
  const [outerWidths, outerHeights] = [[] as number[], [] as number[]]
  for (const { placed } of inner) {
    outerWidths.push(placed.width + 2 * framePadding)
    outerHeights.push(placed.height + 2 * framePadding + frameHead)
  }
  for (let box = 0; box < widths.length; box += 1) {
    const cluster = clusters[box]!
    outside[box] = cluster >= 0 ? cluster : outerWidths.length
    if (cluster >= 0) continue
    outerWidths.push(widths[box]!)
    outerHeights.push(heights[box]!)
  }
  const between = new Set<number>()
  for (let edge = 0; edge < edges.length; edge += 2) {
    const [from, to] = [outside[edges[edge]!]!, outside[edges[edge + 1]!]!]
    if (from !== to) between.add(from * outerWidths.length + to)
  }
  const outerEdges = [...between].flatMap((edge) => [Math.floor(edge / outerWidths.length), edge % outerWidths.length])
  const outer = layered({ widths: outerWidths, heights: outerHeights, edges: outerEdges })
  const x = new Float32Array(widths.length)
  const y = new Float32Array(widths.length)
  for (let box = 0; box < widths.length; box += 1)
    if (clusters[box]! < 0) [x[box], y[box]] = [outer.x[outside[box]!]!, outer.y[outside[box]!]!]
  for (const [nth, { members, placed }] of inner.entries()) {
    const [left, top] = [outer.x[nth]!, outer.y[nth]!]
    frames.set([left, top, outerWidths[nth]!, outerHeights[nth]!], nth * 4)
    for (const [own, box] of members.entries())
      [x[box], y[box]] = [left + framePadding + placed.x[own]!, top + framePadding + frameHead + placed.y[own]!]
  }
  return { x, y, width: outer.width, height: outer.height, frames }
}

function innerLayouts({ widths, heights, edges, clusters, clusterCount }: LayoutAsked) {
  const members = Array.from({ length: clusterCount }, (): number[] => [])
  const own = new Int32Array(widths.length)
  for (let box = 0; box < widths.length; box += 1)
    if (clusters[box]! >= 0) own[box] = members[clusters[box]!]!.push(box) - 1
  const within = Array.from({ length: clusterCount }, (): number[] => [])
  for (let edge = 0; edge < edges.length; edge += 2) {
    const [from, to] = [edges[edge]!, edges[edge + 1]!]
    if (clusters[from]! >= 0 && clusters[from] === clusters[to]) within[clusters[from]!]!.push(own[from]!, own[to]!)
  }
  return members.map((boxes, nth) => ({
    members: boxes,
    placed: layered({
      widths: boxes.map((box) => widths[box]!),
      heights: boxes.map((box) => heights[box]!),
      edges: within[nth]!,
    }),
  }))
}
