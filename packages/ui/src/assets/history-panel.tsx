import type { Materialization } from '@sluice/core'
import { useQuery } from '@tanstack/react-query'
import { ListTable } from '../elements/list-table.tsx'
import { Empty, Problem } from '../elements/note.tsx'
import { countOf } from '../elements/numbers.ts'
import { Panel } from '../elements/panel.tsx'
import { Time } from '../elements/time.tsx'
import { RunLink } from '../runs/run-link.tsx'
import { metadataText } from './metadata-text.ts'
import { historyQuery } from './queries.ts'

const kindWords: Readonly<Record<Materialization['kind'], string>> = {
  materialization: 'made',
  observation: 'observed',
  wiped: 'wiped',
}

/** When it was made, looked at or forgotten, newest first. */
export function HistoryPanel({ name, isPartitioned }: { readonly name: string; readonly isPartitioned: boolean }) {
  const { data, error } = useQuery(historyQuery(name))
  return (
    <Panel
      title="History"
      flush
      aside={data ? `${countOf(data.records.length, 'record')}${data.next === null ? '' : ' and more'}` : ''}
    >
      {error ? <Problem error={error} /> : null}
      {data?.records.length === 0 ? (
        <Empty
          title="It was never made."
          commands={[`sluice materialize ${name}${isPartitioned ? ' --partition latest' : ''}`]}
        >
          Materialize makes it, with what it is made from as it is now.
        </Empty>
      ) : null}
      {data && data.records.length > 0 ? (
        <div className="max-h-72 overflow-auto" tabIndex={0} role="region" aria-label="History">
          <ListTable
            label="History"
            rows={data.records}
            keyOf={({ id }) => String(id)}
            columns={[
              { head: 'When', cell: ({ at }) => <Time at={at} /> },
              { head: 'Partition', cell: ({ partition }) => partition },
              {
                head: 'What',
                cell: ({ kind }) => kindWords[kind],
                className: 'text-muted',
              },
              { head: 'Facts', cell: ({ metadata }) => metadataText(metadata), className: 'text-muted' },
              { head: 'Run', cell: ({ run }) => <RunLink run={run} /> },
            ]}
          />
        </div>
      ) : null}
    </Panel>
  )
}
