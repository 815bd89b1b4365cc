import { type LineageNode, groupId } from './graph.ts'

/** One line of the tree. */
export interface TreeRow {
  readonly id: string
  readonly level: 1 | 2
  /** Its place among those beside it, from 1, and how many they are. */
  readonly nth: number
  readonly of: number
  readonly node: LineageNode | null
  readonly group: string | null
  /** Of a group: how many are in it. */
  readonly count: number
  readonly isOpen: boolean
}

/** `a2` before `a10`. */
const byNumber = new Intl.Collator('en', { numeric: true }).compare

/** Pure: groups with what is in those that are open; where nothing has a group, all of it. */
export function treeRows(nodes: readonly LineageNode[], isOpen: (group: string | null) => boolean): TreeRow[] {
  const groups = [...Map.groupBy(nodes, ({ group }) => group)].sort(([a], [b]) =>
    byNumber(a ?? '\uffff', b ?? '\uffff'),
  )
  const rowOf = (node: LineageNode, level: 1 | 2, nth: number, of: number): TreeRow => ({
    id: node.id,
    level,
    nth: nth + 1,
    of,
    node,
    group: node.group,
    count: 0,
    isOpen: false,
  })
  if (groups.length === 1 && groups[0]![0] === null && isOpen(null))
    return nodes.toSorted((a, b) => byNumber(a.name, b.name)).map((node, nth) => rowOf(node, 1, nth, nodes.length))
  return groups.flatMap(([group, members], nth): TreeRow[] => {
    const open = isOpen(group)
    const head: TreeRow = {
      id: groupId(group),
      level: 1,
      nth: nth + 1,
      of: groups.length,
      node: null,
      group,
      count: members.length,
      isOpen: open,
    }
    if (!open) return [head]
    const sorted = members.toSorted((a, b) => byNumber(a.name, b.name))
    return [head, ...sorted.map((node, at) => rowOf(node, 2, at, members.length))]
  })
}
