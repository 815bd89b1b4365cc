import { FoldVertical, UnfoldVertical } from 'lucide-react'
import { type ReactNode, useCallback, useMemo, useState } from 'react'
import { Button } from '../elements/button.tsx'
import { Combobox } from '../elements/combobox.tsx'
import { Problem } from '../elements/note.tsx'
import { countOf, numberText } from '../elements/numbers.ts'
import { best } from '../frame/match.ts'
import { type LineageNode, fold, groupId, groupText, many } from './graph.ts'
import { LineageCanvas } from './lineage-canvas.tsx'
import { LineageTree } from './lineage-tree.tsx'
import { LookIcon, looks } from './looks.tsx'
import { useScene } from './use-layout.ts'

/** What is chosen and unfolded; left out: as many as can be read. */
export interface LineageState {
  readonly at?: string | undefined
  readonly open?: '*' | readonly string[] | undefined
}

interface LineageViewProps {
  readonly label: string
  /** What one of them is called. */
  readonly noun: string
  readonly nodes: readonly LineageNode[]
  readonly state: LineageState
  readonly change: (state: LineageState) => void
  /** A node is gone to. */
  readonly open: (id: string) => void
  /** Of the node that is chosen; left out: it is told elsewhere on the page, of which the graph is a part. */
  readonly details?: (id: string) => ReactNode
  readonly isTreeOnly?: boolean
}

/** A graph and its tree, of one choice: large ones folded by group. */
export function LineageView({
  label,
  noun,
  nodes,
  state,
  change,
  open,
  details,
  isTreeOnly = false,
}: LineageViewProps) {
  const folding = useFolding(nodes, state, change)
  const { isOpen, toggle, setFocus, focus, groups, unfold } = folding
  const act = (id: string): void => {
    const group = groups.find((one) => groupId(one) === id)
    if (group === undefined) open(id)
    else toggle(group, !isOpen(group))
  }
  const chosen = focus === null ? undefined : nodes.find(({ id }) => id === focus)
  const tree = (
    <LineageTree
      label={`${label}: tree`}
      nodes={nodes}
      isOpen={isOpen}
      toggle={toggle}
      focus={focus}
      setFocus={setFocus}
      open={open}
      className="min-h-40 flex-1"
    />
  )
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line bg-surface px-4 py-1.5">
        <Counts nodes={nodes} noun={noun} />
        {groups.length > 1 ? (
          <span className="ml-auto flex gap-1">
            <Button look="quiet" icon={<UnfoldVertical size={14} aria-hidden />} onClick={() => unfold('*')}>
              Unfold all
            </Button>
            <Button look="quiet" icon={<FoldVertical size={14} aria-hidden />} onClick={() => unfold([])}>
              Fold all
            </Button>
          </span>
        ) : null}
      </div>
      <div className="flex min-h-0 flex-1 flex-col lg:flex-row-reverse">
        {isTreeOnly ? null : <Picture {...{ label, nodes, isOpen, focus, setFocus, act }} />}
        <aside
          aria-label={`${label}: list`}
          className={`flex min-h-80 flex-col bg-surface ${isTreeOnly ? 'flex-1' : `border-t border-line lg:min-h-0 lg:border-t-0 lg:border-r ${details ? 'lg:w-72' : 'lg:w-56'}`}`}
        >
          <Find nodes={nodes} noun={noun} setFocus={setFocus} />
          {tree}
          {chosen && details ? <div className="border-t border-line p-3">{details(chosen.id)}</div> : null}
        </aside>
      </div>
    </div>
  )
}

interface PictureProps {
  readonly label: string
  readonly nodes: readonly LineageNode[]
  readonly isOpen: (group: string | null) => boolean
  readonly focus: string | null
  readonly setFocus: (id: string | null) => void
  readonly act: (id: string) => void
}

function Picture({ label, nodes, isOpen, focus, setFocus, act }: PictureProps) {
  const folded = useMemo(() => fold(nodes, isOpen, nodes.length > many), [nodes, isOpen])
  const { scene, error } = useScene(folded)
  return (
    <div className="flex min-h-[52vh] min-w-0 flex-1 flex-col lg:min-h-0">
      {error ? <Problem error={error} /> : null}
      {scene ? <LineageCanvas label={label} scene={scene} focus={focus} setFocus={setFocus} open={act} /> : null}
    </div>
  )
}

/** Which groups are open, and how that changes. */
function useFolding(nodes: readonly LineageNode[], { at, open }: LineageState, change: LineageViewProps['change']) {
  const groups = useMemo(() => [...new Set(nodes.map(({ group }) => group))], [nodes])
  const focus = at ?? null
  // A link to what is in a folded group unfolds it.
  const inside = useMemo(() => nodes.find(({ id }) => id === focus)?.group, [nodes, focus])
  const openKey = Array.isArray(open) ? open.join('\n') : open
  const isFew = nodes.length <= many || groups.length === 1
  const isGiven = (group: string | null): boolean =>
    open === undefined ? isFew : open === '*' || open.includes(group ?? '')
  const isOpen = useCallback((group: string | null) => group === inside || isGiven(group), [openKey, isFew, inside])
  const opened = (): string[] => groups.filter(isOpen).map((group) => group ?? '')
  return {
    groups,
    focus,
    isOpen,
    setFocus(id: string | null): void {
      const next = nodes.find((one) => one.id === id)?.group
      const touched = [inside, next].filter((group) => group !== undefined)
      // What a choice has unfolded stays so when another one is made.
      const isSame = touched.every(isGiven)
      const all = [...new Set([...opened(), ...touched.map((group) => group ?? '')])]
      change({ at: id ?? undefined, open: isSame ? open : all })
    },
    toggle(group: string | null, isOpened: boolean): void {
      const all = opened().filter((one) => one !== (group ?? ''))
      change({ at: groupId(group), open: isOpened ? [...all, group ?? ''] : all })
    },
    unfold: (which: '*' | readonly string[]): void => change({ at: undefined, open: which }),
  }
}

/** How many are in which state: what the icons mean. */
function Counts({ nodes, noun }: { readonly nodes: readonly LineageNode[]; readonly noun: string }) {
  const counts = useMemo(
    () => [...Map.groupBy(nodes, ({ look }) => look)].map(([look, those]) => [look, those.length] as const),
    [nodes],
  )
  return (
    <>
      <span className="font-medium">{countOf(nodes.length, noun)}</span>
      {counts
        .toSorted((a, b) => b[1] - a[1])
        .map(([look, count]) => (
          <span key={look} className={`inline-flex items-center gap-1.5 whitespace-nowrap ${looks[look].text}`}>
            <LookIcon look={look} /> {numberText(count)} {looks[look].word}
          </span>
        ))}
    </>
  )
}

interface FindProps {
  readonly nodes: readonly LineageNode[]
  readonly noun: string
  readonly setFocus: (id: string) => void
}

function Find({ nodes, noun, setFocus }: FindProps) {
  const [text, setText] = useState('')
  const choices = useMemo(
    () =>
      text === ''
        ? []
        : best(nodes, text, ({ name }) => name, 20).map(({ id, name, group }) => ({
            id,
            word: name,
            note: groupText(group),
          })),
    [nodes, text],
  )
  return (
    <Combobox
      label={`Find ${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`}
      placeholder={`Find ${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`}
      text={text}
      setText={setText}
      choices={choices}
      take={({ id }) => {
        setText('')
        setFocus(id)
      }}
      isEager
      className="m-2"
    />
  )
}
