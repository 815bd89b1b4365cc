import { useVirtualizer } from '@tanstack/react-virtual'
import { ChevronDown, ChevronRight } from 'lucide-react'
import { type KeyboardEvent, useEffect, useId, useMemo, useRef } from 'react'
import { classes } from '../elements/classes.ts'
import { numberText } from '../elements/numbers.ts'
import { type LineageNode, groupText } from './graph.ts'
import { LookIcon } from './looks.tsx'
import { treeRows } from './tree-rows.ts'

interface LineageTreeProps {
  readonly label: string
  readonly nodes: readonly LineageNode[]
  readonly isOpen: (group: string | null) => boolean
  readonly toggle: (group: string | null, open: boolean) => void
  readonly focus: string | null
  readonly setFocus: (id: string) => void
  readonly open: (id: string) => void
  readonly className?: string
}

/** What a graph shows, as a tree for keys and screen readers: what is chosen there is chosen here, and the other way round. */
export function LineageTree(props: LineageTreeProps) {
  const { label, nodes, isOpen, toggle, focus, setFocus, open, className } = props
  const scroller = useRef<HTMLDivElement>(null)
  const id = useId()
  const rows = useMemo(() => treeRows(nodes, isOpen), [nodes, isOpen])
  const at = rows.findIndex((row) => row.id === focus)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 28,
    overscan: 12,
    getItemKey: (nth) => rows[nth]!.id,
  })
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at, { align: 'auto' })
  }, [focus, at])
  const press = (event: KeyboardEvent): void => {
    const row = rows[at]
    const go = (nth: number): void => {
      const next = rows[Math.max(0, Math.min(rows.length - 1, nth))]
      if (next) setFocus(next.id)
    }
    const acts: Readonly<Record<string, () => void>> = {
      ArrowDown: () => go(at + 1),
      ArrowUp: () => go(Math.max(0, at - 1)),
      Home: () => go(0),
      End: () => go(rows.length - 1),
      ArrowRight: () => (row && !row.node ? (row.isOpen ? go(at + 1) : toggle(row.group, true)) : undefined),
      ArrowLeft: () => {
        if (row && !row.node && row.isOpen) toggle(row.group, false)
        else if (row?.level === 2) go(rows.findLastIndex(({ level }, nth) => level === 1 && nth < at))
      },
      Enter: () => (row ? (row.node ? open(row.id) : toggle(row.group, !row.isOpen)) : undefined),
    }
    const act = acts[event.key]
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    act()
  }
  const shown = virtual.getVirtualItems()
  const isShown = shown.some(({ index }) => index === at)
  return (
    <div
      ref={scroller}
      role="tree"
      aria-label={label}
      tabIndex={0}
      onKeyDown={press}
      {...(isShown && { 'aria-activedescendant': `${id}-${at}` })}
      className={classes('min-h-0 overflow-y-auto', className)}
    >
      <div role="presentation" className="relative" style={{ height: virtual.getTotalSize() }}>
        {shown.map(({ index, key, start }) => {
          const row = rows[index]!
          const { level, nth, of, node, group, count } = row
          const Chevron = row.isOpen ? ChevronDown : ChevronRight
          return (
            <div
              key={key}
              id={`${id}-${index}`}
              role="treeitem"
              aria-level={level}
              aria-posinset={nth}
              aria-setsize={of}
              aria-selected={index === at}
              {...(node === null && { 'aria-expanded': row.isOpen })}
              onClick={() => {
                if (node === null) toggle(group, !row.isOpen)
                else if (index === at) open(row.id)
                setFocus(row.id)
              }}
              className={classes(
                'absolute inset-x-0 flex h-7 cursor-pointer items-center gap-2 border-b border-line/50 pr-2',
                index === at ? 'bg-chosen' : 'hover:bg-hover',
              )}
              style={{ transform: `translateY(${start}px)`, paddingLeft: level === 2 ? 30 : 8 }}
            >
              {node === null ? (
                <>
                  <Chevron size={14} aria-hidden className="shrink-0 text-muted" />
                  <span className="truncate font-medium">{groupText(group)}</span>
                  <span className="shrink-0 text-xs text-muted">{numberText(count)}</span>
                </>
              ) : (
                <>
                  <LookIcon look={node.look} />
                  <span className="min-w-0 flex-1 truncate" title={node.name}>
                    {node.name}
                  </span>
                  <span className="max-w-1/2 shrink-0 truncate text-xs text-muted">{node.words}</span>
                </>
              )}
            </div>
          )
        })}
      </div>
    </div>
  )
}
