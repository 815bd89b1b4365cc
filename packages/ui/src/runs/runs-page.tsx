import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { Button } from '../elements/button.tsx'
import { Empty, Loading, Problem } from '../elements/note.tsx'
import { PageHeader } from '../elements/panel.tsx'
import { usePageTitle } from '../frame/page-title.ts'
import { useKeys } from '../frame/shortcuts.ts'
import { BulkActions } from './bulk-actions.tsx'
import { Filters } from './filters.tsx'
import { Histogram } from './histogram.tsx'
import { runsQuery } from './queries.ts'
import { RunTable } from './run-table.tsx'

const route = getRouteApi('/runs')

/** Every run, newest first, with what broke it. */
export function RunsPage() {
  const search = route.useSearch()
  const navigate = useNavigate()
  const { data, error, refetch, fetchNextPage, hasNextPage, isFetchingNextPage, isPlaceholderData } = useInfiniteQuery(
    runsQuery(search),
  )
  usePageTitle('Runs')
  const runs = useMemo(() => data?.pages.flatMap((page) => page.runs) ?? [], [data])
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set())
  const turn = (id: string): void =>
    setMarked((before) =>
      before.has(id) ? new Set([...before].filter((one) => one !== id)) : new Set([...before, id]),
    )
  // What is not in the list any more is not chosen either.
  const chosen = runs.filter(({ id }) => marked.has(id))
  useKeys({
    x() {
      const { row } = (document.activeElement as HTMLElement | null)?.dataset ?? {}
      if (row) turn(row)
    },
    Escape: () => setMarked(new Set()),
  })
  const isFiltered = Object.keys(search).length > 0
  const clear = (): void => void navigate({ to: '/runs', search: {} })
  return (
    <>
      <PageHeader title="Runs">
        {data ? (
          <span className="text-muted">
            {runs.length}
            {hasNextPage ? ' and more' : ''}
          </span>
        ) : null}
      </PageHeader>
      <Filters
        search={search}
        runs={runs}
        change={(next) => void navigate({ to: '/runs', search: next, replace: true })}
      />
      <Histogram
        search={search}
        choose={(from, to) => {
          const { since: _, ...rest } = search
          void navigate({ to: '/runs', search: { ...rest, from, to } })
        }}
      />
      {chosen.length > 0 ? <BulkActions chosen={chosen} clear={() => setMarked(new Set())} /> : null}
      {error ? <Problem error={error} retry={() => void refetch()} /> : null}
      {!data && !error ? <Loading what="runs" /> : null}
      {data && runs.length === 0 ? (
        isFiltered ? (
          <Empty title="No run is like this.">
            <Button onClick={clear}>Clear the filters</Button>
          </Empty>
        ) : (
          <Empty
            title="Nothing has run yet."
            commands={['sluice materialize "*"', 'sluice runs launch NAME', 'sluice schedules list']}
          >
            Launch something from Flows or Assets, or from a terminal. It appears here by itself.
          </Empty>
        )
      ) : null}
      {runs.length > 0 ? (
        <RunTable
          runs={runs}
          isOld={isPlaceholderData}
          chosen={marked}
          turn={turn}
          more={hasNextPage && !isFetchingNextPage ? () => void fetchNextPage() : null}
        />
      ) : null}
    </>
  )
}
