import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, getRouteApi, useNavigate } from '@tanstack/react-router'
import { type SubmitEvent, useEffect, useState } from 'react'
import { Button } from '../elements/button.tsx'
import { ListTable, rowLink } from '../elements/list-table.tsx'
import { Command } from '../elements/copy.tsx'
import { Empty, Loading, Problem } from '../elements/note.tsx'
import { countOf, numberText } from '../elements/numbers.ts'
import { PageHeader } from '../elements/panel.tsx'
import { Ago } from '../elements/time.tsx'
import { usePageTitle } from '../frame/page-title.ts'
import { HealthState } from './health-state.tsx'
import { assetsQuery } from './queries.ts'

const route = getRouteApi('/assets/')

const snippet = `import { asset } from 'sluice'

export const orders = asset('orders', async () => fetchOrders())`

/** Every asset, or those of a selection. */
export function AssetsPage() {
  usePageTitle('Assets')
  const { selection = '' } = route.useSearch()
  const navigate = useNavigate()
  const [typed, setTyped] = useState(selection)
  useEffect(() => setTyped(selection), [selection])
  const { data, error, refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = useInfiniteQuery(
    assetsQuery(selection),
  )
  const assets = data?.pages.flatMap((page) => page.assets) ?? []
  const choose = (text: string): void =>
    void navigate({ to: '/assets', search: text === '' ? {} : { selection: text } })
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    choose(typed.trim())
  }
  return (
    <>
      <PageHeader title="Assets">
        {data ? (
          <span className="text-muted">
            {countOf(assets.length, 'asset')}
            {hasNextPage ? ' and more' : ''}
          </span>
        ) : null}
      </PageHeader>
      <form
        role="search"
        onSubmit={submit}
        className="flex flex-wrap items-center gap-2 border-b border-line bg-surface px-4 py-2"
      >
        <input
          type="search"
          aria-label="Selection"
          placeholder={'Selection: group:marts, raw/*, +marts/revenue, owner:"team:data", status:stale'}
          value={typed}
          onChange={({ target }) => setTyped(target.value)}
          className="field min-w-0 flex-1 font-mono text-xs"
        />
        <Button type="submit">Select</Button>
        {selection === '' ? null : (
          <Button look="quiet" onClick={() => choose('')}>
            Clear
          </Button>
        )}
      </form>
      {error ? <Problem error={error} retry={() => void refetch()} /> : null}
      {!data && !error ? <Loading what="assets" /> : null}
      {data && assets.length === 0 && !error ? (
        selection === '' ? (
          <Empty title="No code that was loaded defines an asset.">
            An asset is a named piece of data with the function that makes it. Write one, save, and it is here:
            <span className="mt-2 block">
              <Command text={snippet} />
            </span>
          </Empty>
        ) : (
          <Empty title="No asset is in this selection.">
            <Button onClick={() => choose('')}>All assets</Button>
          </Empty>
        )
      ) : null}
      {assets.length > 0 ? (
        <div className="bg-surface">
          <ListTable
            label="Assets"
            rows={assets}
            keyOf={({ location, definition }) => `${location} ${definition.name}`}
            columns={[
              {
                head: 'Asset',
                cell: ({ definition: { name } }) => (
                  <Link to="/assets/$" params={{ _splat: name }} data-row className={rowLink}>
                    {name}
                  </Link>
                ),
              },
              {
                head: 'Group',
                cell: ({ definition: { group } }) =>
                  group === undefined ? null : (
                    <Link
                      to="/assets"
                      search={{ selection: `group:"${group}"` }}
                      className="text-muted hover:underline"
                    >
                      {group}
                    </Link>
                  ),
                className: 'hidden md:table-cell',
              },
              { head: 'Health', cell: ({ health }) => (health ? <HealthState health={health.health} /> : null) },
              {
                head: 'Freshness',
                cell: ({ freshness }) => freshness?.state,
                className: 'text-muted hidden lg:table-cell',
              },
              {
                head: 'Made',
                cell: ({ latest }) => (latest ? <Ago at={latest.at} /> : <span className="text-muted">never</span>),
              },
              {
                head: 'Partitions',
                cell: ({ definition, partitions }) =>
                  definition.partitions === null ? '' : `${numberText(partitions)} made, ${definition.partitions.kind}`,
                className: 'text-muted hidden md:table-cell',
              },
              {
                head: 'Checks',
                cell: ({ definition: { checks } }) => checks.length || '',
                className: 'text-muted hidden lg:table-cell',
              },
              {
                head: 'Owners',
                cell: ({ definition: { owners } }) => owners?.join(', '),
                className: 'text-muted hidden md:table-cell',
              },
              {
                head: 'Description',
                cell: ({ definition: { description } }) => description,
                className: 'text-muted hidden xl:table-cell',
              },
            ]}
          />
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
