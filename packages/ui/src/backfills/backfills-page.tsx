import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button } from '../elements/button.tsx'
import { ListTable, rowLink } from '../elements/list-table.tsx'
import { Empty, Loading, Problem } from '../elements/note.tsx'
import { PageHeader } from '../elements/panel.tsx'
import { State } from '../elements/state.tsx'
import { Ago, Lasted } from '../elements/time.tsx'
import { usePageTitle } from '../frame/page-title.ts'
import { Progress } from './progress.tsx'
import { backfillsQuery } from './queries.ts'

/** Many runs that fill many partitions, newest first. */
export function BackfillsPage() {
  usePageTitle('Backfills')
  const { data, error, refetch, hasNextPage, fetchNextPage } = useInfiniteQuery(backfillsQuery)
  const backfills = data?.pages.flatMap((page) => page.backfills) ?? []
  return (
    <>
      <PageHeader title="Backfills" />
      {error ? <Problem error={error} retry={() => void refetch()} /> : null}
      {!data && !error ? <Loading what="backfills" /> : null}
      {data && backfills.length === 0 ? (
        <Empty title="There was no backfill yet." commands={['sluice backfills create ASSET --partition missing']}>
          A backfill makes many partitions in runs of their own, and can be paused and retried. Choose partitions on the
          page of an asset, or:
        </Empty>
      ) : null}
      {backfills.length > 0 ? (
        <div className="bg-surface">
          <ListTable
            label="Backfills"
            rows={backfills}
            keyOf={({ id }) => id}
            columns={[
              { head: 'State', cell: ({ state }) => <State state={state} /> },
              {
                head: 'What',
                cell: ({ id, target }) => (
                  <Link to="/backfills/$backfill" params={{ backfill: id }} data-row className={rowLink}>
                    {target}
                  </Link>
                ),
              },
              { head: 'Partitions', cell: ({ partitions }) => partitions, className: 'font-mono text-xs' },
              { head: 'Progress', cell: (one) => <Progress of={one} /> },
              { head: 'Runs', cell: ({ runs }) => runs.open + runs.ended, className: 'text-muted' },
              { head: 'Created', cell: ({ createdAt }) => <Ago at={createdAt} />, className: 'text-muted' },
              { head: 'Took', cell: ({ createdAt, endedAt }) => <Lasted from={createdAt} to={endedAt} /> },
            ]}
          />
          {hasNextPage ? (
            <p className="p-3">
              <Button onClick={() => void fetchNextPage()}>More backfills</Button>
            </p>
          ) : null}
        </div>
      ) : null}
    </>
  )
}
