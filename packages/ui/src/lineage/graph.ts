import type { PartitionState, StepState } from '@sluice/core'

/** What a node is drawn as: an icon, a word and a colour of their own. */
export type Look = PartitionState | StepState | 'external' | 'none'

/** Something that data comes from or goes to: an asset, a step. */
export interface LineageNode {
  /** Of its own within the graph, and the same the next time that it is read. */
  readonly id: string
  readonly name: string
  readonly group: string | null
  readonly look: Look
  /** All there is to say of its state, where the word of its look is not enough. */
  readonly words: string
  /** Places in the list. */
  readonly upstream: readonly number[]
}

/** More than this are folded by group, until a person unfolds one. */
export const many = 150

export const groupText = (group: string | null): string => group ?? 'no group'

/** A group by its name, apart from every node. */
export const groupId = (group: string | null): string => `group:${group ?? ''}`

/** What is drawn as one: a node, or a whole group. */
export type Item =
  | { readonly kind: 'node'; readonly id: string; readonly node: LineageNode; readonly cluster: number }
  | {
      readonly kind: 'group'
      readonly id: string
      readonly group: string | null
      readonly count: number
      /** How many are drawn as what, the most first. */
      readonly looks: readonly (readonly [Look, number])[]
      readonly cluster: -1
    }

/** What there is to draw, when some groups are one item each. */
export interface Folded {
  readonly items: readonly Item[]
  /** Places of two items, one after the other. */
  readonly edges: Int32Array
  /** For each edge, how many it stands for. */
  readonly weights: Int32Array
  /** The groups whose nodes are drawn within a frame. */
  readonly clusters: readonly { readonly id: string; readonly group: string | null; readonly count: number }[]
  readonly places: ReadonlyMap<string, number>
}

/**
 * Pure.
 *
 * @param isOpen are the nodes of this group drawn one by one?
 * @param framed each group that is open gets a frame of its own; otherwise its nodes stand among all others.
 */
export function fold(
  nodes: readonly LineageNode[],
  isOpen: (group: string | null) => boolean,
  framed: boolean,
): Folded {
  const items: Item[] = []
  const clusters: Folded['clusters'][number][] = []
  const places = new Map<string, number>()
  const itemOf = new Int32Array(nodes.length)
  const groups = Map.groupBy(nodes.keys(), (place) => nodes[place]!.group)
  for (const [group, members] of groups) {
    const id = groupId(group)
    const open = isOpen(group)
    const cluster = open && framed ? clusters.push({ id, group, count: members.length }) - 1 : -1
    if (!open) {
      places.set(id, items.length)
      const looks = [...Map.groupBy(members, (place) => nodes[place]!.look)]
        .map(([look, those]) => [look, those.length] as const)
        .sort((a, b) => b[1] - a[1])
      items.push({ kind: 'group', id, group, count: members.length, looks, cluster: -1 })
    }
    for (const place of members) {
      const node = nodes[place]!
      if (open) {
        places.set(node.id, items.length)
        items.push({ kind: 'node', id: node.id, node, cluster })
      }
      itemOf[place] = items.length - 1
    }
  }
  const weightOf = new Map<number, number>()
  for (const [place, { upstream }] of nodes.entries())
    for (const up of upstream) {
      const [from, to] = [itemOf[up]!, itemOf[place]!]
      if (from === to) continue
      const edge = from * items.length + to
      weightOf.set(edge, (weightOf.get(edge) ?? 0) + 1)
    }
  const edges = Int32Array.from(
    [...weightOf.keys()].flatMap((edge) => [Math.floor(edge / items.length), edge % items.length]),
  )
  return { items, edges, weights: Int32Array.from(weightOf.values()), clusters, places }
}
