import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, getRouteApi, useNavigate } from '@tanstack/react-router'
import { Hammer, ListTree, type LucideIcon, Network, Rows3 } from 'lucide-react'
import { type ReactNode, Suspense, lazy, useState } from 'react'
import { Button } from '../elements/button.tsx'
import { Command } from '../elements/copy.tsx'
import { Empty, Loading, Problem } from '../elements/note.tsx'
import { countOf } from '../elements/numbers.ts'
import { PageHeader } from '../elements/panel.tsx'
import { usePageTitle } from '../frame/page-title.ts'
import { AssetsTable } from './assets-table.tsx'
import { MaterializeSelection } from './materialize-selection.tsx'
import { assetsQuery } from './queries.ts'
import { type AssetsSearch, type AssetsView, assetsSearch, views } from './search.ts'
import { SelectionField, mistakeOf } from './selection-field.tsx'

const AssetsLineage = lazy(async () => ({ default: (await import('./assets-lineage.tsx')).AssetsLineage }))

const route = getRouteApi('/assets/')

const snippet = `import { asset } from 'sluice'

export const orders = asset('orders', async () => fetchOrders())`

const viewLooks: Readonly<Record<AssetsView, { readonly word: string; readonly icon: LucideIcon }>> = {
  table: { word: 'Table', icon: Rows3 },
  graph: { word: 'Graph', icon: Network },
  tree: { word: 'Tree', icon: ListTree },
}

/** Every asset, or those of a selection: as a table, as a graph, as a tree. */
export function AssetsPage() {
  usePageTitle('Assets')
  // The router leaves what its check has dropped where it was.
  const search = assetsSearch({ ...route.useSearch() })
  const { selection = '', view = 'table' } = search
  const navigate = useNavigate()
  const [makes, setMakes] = useState(false)
  const choose = (text: string): void => {
    // What was chosen and unfolded is of what was selected before.
    const { at: _at, open: _open, selection: _before, ...rest } = search
    void navigate({ to: '/assets', search: text === '' ? rest : { ...rest, selection: text } })
  }
  const all = { none: <NoAssets selection={selection} all={() => choose('')} />, selection }
  return (
    <>
      <PageHeader title="Assets">
        <nav aria-label="View" className="flex overflow-hidden rounded-md border border-edge">
          {views.map((one) => (
            <ViewLink key={one} view={one} search={search} />
          ))}
        </nav>
        <Button
          aria-expanded={makes}
          icon={<Hammer size={14} aria-hidden />}
          title={selection === '' ? 'All of them, in one run' : 'What is selected, in one run'}
          onClick={() => setMakes(!makes)}
        >
          Materialize
        </Button>
      </PageHeader>
      <SelectionField selection={selection} choose={choose} />
      {makes && mistakeOf(selection) === null ? (
        <MaterializeSelection selection={selection} close={() => setMakes(false)} />
      ) : null}
      {mistakeOf(selection) !== null ? null : view === 'table' ? (
        <Table {...all} />
      ) : (
        <Suspense fallback={<Loading what="the graph" />}>
          <AssetsLineage key={selection} {...all} search={search} view={view} />
        </Suspense>
      )}
    </>
  )
}

function ViewLink({ view, search }: { readonly view: AssetsView; readonly search: AssetsSearch }) {
  const { word, icon: Icon } = viewLooks[view]
  const { view: _current, ...rest } = search
  return (
    <Link
      to="/assets"
      search={view === 'table' ? rest : { ...rest, view }}
      activeOptions={{ exact: true, includeSearch: true }}
      className="flex h-6.5 items-center gap-1.5 px-2.5 text-muted hover:bg-hover aria-[current=page]:bg-chosen aria-[current=page]:font-semibold aria-[current=page]:text-text"
    >
      <Icon size={14} aria-hidden /> {word}
    </Link>
  )
}

interface NoAssetsProps {
  readonly selection: string
  readonly all: () => void
}

function NoAssets({ selection, all }: NoAssetsProps) {
  if (selection !== '')
    return (
      <Empty title="No asset is in this selection.">
        <Button onClick={all}>All assets</Button>
      </Empty>
    )
  return (
    <Empty title="No code that was loaded defines an asset.">
      An asset is a named piece of data with the function that makes it. Write one, save, and it is here:
      <span className="mt-2 block">
        <Command text={snippet} />
      </span>
    </Empty>
  )
}

interface TableProps {
  readonly selection: string
  readonly none: ReactNode
}

function Table({ selection, none }: TableProps) {
  const { data, error, refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = useInfiniteQuery(
    assetsQuery(selection),
  )
  const assets = data?.pages.flatMap((page) => page.assets) ?? []
  return (
    <>
      {error ? <Problem error={error} retry={() => void refetch()} /> : null}
      {!data && !error ? <Loading what="assets" /> : null}
      {data && assets.length === 0 && !error ? none : null}
      {assets.length > 0 ? (
        <div className="bg-surface">
          <p className="border-b border-line px-3 py-1 text-muted">
            {countOf(assets.length, 'asset')}
            {hasNextPage ? ' and more' : ''}
          </p>
          <AssetsTable assets={assets} />
          {hasNextPage ? (
            <p className="p-3">
              <Button disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
                More assets
              </Button>
            </p>
          ) : null}
        </div>
      ) : null}
    </>
  )
}
