import { printSelection } from '@sluice/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { type ReactNode, useMemo } from 'react'
import { buttonClass } from '../elements/button.tsx'
import { Loading, Problem } from '../elements/note.tsx'
import { countOf, numberText } from '../elements/numbers.ts'
import type { LineageNode } from '../lineage/graph.ts'
import { type LineageState, LineageView } from '../lineage/lineage-view.tsx'
import { LookIcon, looks } from '../lineage/looks.tsx'
import { lineageQuery, nodesOf } from '../lineage/queries.ts'
import { given } from '../runs/search.ts'
import type { AssetsSearch } from './search.ts'

interface AssetsLineageProps {
  readonly selection: string
  readonly view: 'graph' | 'tree'
  readonly search: AssetsSearch
  /** Where nothing is selected. */
  readonly none: ReactNode
}

/** A selection as a graph with its tree, or as the tree alone. */
export function AssetsLineage({ selection, view, search, none }: AssetsLineageProps) {
  const navigate = useNavigate()
  const { data, error, refetch } = useQuery(lineageQuery(selection === '' ? {} : { selection }))
  const nodes = useMemo(() => nodesOf(data?.assets ?? []), [data?.assets])
  if (!data) return error ? <Problem error={error} retry={() => void refetch()} /> : <Loading what="the graph" />
  const change = ({ at, open }: LineageState): void =>
    void navigate({ to: '/assets', search: given({ ...search, at, open }), replace: true })
  return (
    <>
      {error ? <Problem error={error} retry={() => void refetch()} /> : null}
      {data.total > nodes.length ? (
        <p role="status" className="border-b border-line px-4 py-1.5 text-warn">
          The first {numberText(nodes.length)} of {numberText(data.total)}: select fewer to see the others.
        </p>
      ) : null}
      {nodes.length === 0 ? (
        none
      ) : (
        <LineageView
          label="Lineage"
          noun="asset"
          nodes={nodes}
          state={search}
          change={change}
          open={(name) => void navigate({ to: '/assets/$', params: { _splat: name } })}
          details={(name) => <Details nodes={nodes} name={name} search={search} />}
          isTreeOnly={view === 'tree'}
        />
      )}
    </>
  )
}

interface DetailsProps {
  readonly nodes: readonly LineageNode[]
  readonly name: string
  readonly search: AssetsSearch
}

/** The asset that is chosen, and where to go from it. */
function Details({ nodes, name, search }: DetailsProps) {
  const place = nodes.findIndex(({ id }) => id === name)
  const node = nodes[place]!
  const users = nodes.filter(({ upstream }) => upstream.includes(place)).length
  const key = printSelection({ kind: 'attribute', attribute: 'key', value: name })
  return (
    <section aria-label="Chosen" className="flex flex-col gap-2">
      <p className="font-semibold break-words">{name}</p>
      <p className={`flex items-center gap-1.5 ${looks[node.look].text}`}>
        <LookIcon look={node.look} /> {node.words}
      </p>
      <p className="text-muted">
        Made from {numberText(node.upstream.length)}, used by {countOf(users, 'asset')} here
      </p>
      <p className="flex flex-wrap gap-2">
        <Link to="/assets/$" params={{ _splat: name }} className={buttonClass('main')}>
          Open
        </Link>
        <Link to="/assets" search={{ ...search, selection: `+${key}+`, at: name }} className={buttonClass()}>
          Only its lineage
        </Link>
      </p>
    </section>
  )
}
