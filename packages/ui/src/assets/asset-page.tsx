import { type AssetSnapshot, type Materialization, decode } from '@sluice/core'
import { useQuery } from '@tanstack/react-query'
import { Link, getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { ListTable } from '../elements/list-table.tsx'
import { Button } from '../elements/button.tsx'
import { Empty, Loading, Problem } from '../elements/note.tsx'
import { countOf } from '../elements/numbers.ts'
import { Facts, PageHeader, Panel } from '../elements/panel.tsx'
import { Ago, Time } from '../elements/time.tsx'
import { client } from '../frame/client.ts'
import { usePageTitle } from '../frame/page-title.ts'
import { Checks } from '../runs/run-details.tsx'
import { RecentRuns } from '../runs/recent-runs.tsx'
import { ValueText } from '../values/value-view.tsx'
import { encodedText } from '../values/value-text.ts'
import { Lineage } from './lineage.tsx'
import { Materialize } from './materialize.tsx'
import { MetadataView, Rows } from './metadata-view.tsx'
import { PartitionsPanel } from './partitions-panel.tsx'
import { assetQuery, historyQuery } from './queries.ts'
import { WhyPanel } from './why-panel.tsx'

const route = getRouteApi('/assets/$')

/** One asset: what it is made from, when it was made, and what is in it. */
export function AssetPage() {
  const { _splat: name = '' } = route.useParams()
  usePageTitle(name)
  const [partition, setPartition] = useState('latest')
  const { data, error, refetch } = useQuery(assetQuery(name))
  if (!data) return error ? <Problem error={error} retry={() => void refetch()} /> : <Loading what="the asset" />
  const { asset, upstream, downstream, checks } = data
  const { definition, location } = asset
  return (
    <>
      <PageHeader title={name}>
        {definition.runnable ? (
          <Materialize
            asset={name}
            location={location}
            partition={definition.partitions === null ? null : partition}
            setPartition={setPartition}
          />
        ) : null}
      </PageHeader>
      <div key={name} className="grid items-start gap-3 p-3 lg:grid-cols-[minmax(0,1fr)_360px]">
        <div className="flex min-w-0 flex-col gap-3">
          {error ? <Problem error={error} retry={() => void refetch()} /> : null}
          <Lineage name={name} upstream={upstream} downstream={downstream} />
          {definition.partitions === null ? null : (
            <PartitionsPanel asset={name} chosen={partition} choose={setPartition} />
          )}
          <WhyPanel
            asset={name}
            partition={definition.partitions !== null && isKey(partition) ? partition : undefined}
          />
          <History name={name} />
          <RecentRuns of={{ asset: name }} all={{ asset: name }} />
          <Preview name={name} latest={asset.latest} />
        </div>
        <div className="flex min-w-0 flex-col gap-3">
          <Panel title="Definition">
            <Facts
              facts={[
                ['About', definition.description],
                ['Made', asset.latest ? <Ago key="at" at={asset.latest.at} /> : 'never'],
                [
                  'Data version',
                  asset.latest ? (
                    <code key="it" className="font-mono text-xs break-all">
                      {asset.latest.dataVersion}
                    </code>
                  ) : null,
                ],
                ['Group', definition.group],
                ['Owners', definition.owners?.join(', ')],
                ['Kinds', definition.kinds?.join(', ')],
                ['Partitions', definition.partitions?.kind],
                ['How', howText(definition)],
                ['Location', location],
                [
                  'Code',
                  definition.place === undefined ? null : (
                    <code key="it" className="font-mono text-xs break-all">
                      {definition.place}
                    </code>
                  ),
                ],
              ]}
            />
            {checks.length > 0 ? (
              <div className="mt-3">
                <Checks checks={checks} />
              </div>
            ) : null}
            {definition.checks.length > 0 && checks.length === 0 ? (
              <p className="mt-3 text-muted">
                Checks not run yet: {definition.checks.map((one) => one.name).join(', ')}
              </p>
            ) : null}
          </Panel>
          {asset.latest && Object.keys(asset.latest.metadata).length > 0 ? (
            <Panel title="Latest metadata">
              <MetadataView metadata={asset.latest.metadata} />
            </Panel>
          ) : null}
          {definition.columns && definition.columns.length > 0 ? (
            <Panel title="Columns">
              <Facts
                facts={definition.columns.map((column) => [
                  column.name,
                  <code key="it" className="font-mono text-xs">
                    {column.type}
                  </code>,
                ])}
              />
            </Panel>
          ) : null}
        </div>
      </div>
    </>
  )
}

const kindWords: Readonly<Record<Materialization['kind'], string>> = {
  materialization: 'made',
  observation: 'observed',
  wiped: 'wiped',
}

/** One key, and not a word or a range that stands for some. */
const isKey = (partition: string): boolean =>
  !/^(?:latest|missing|stale|failed|all)$/.test(partition) && !/\.\.|,/.test(partition)

function howText({ made, virtual, sql, together, condition }: AssetSnapshot): string {
  const parts = [
    made === 'here' ? (virtual ? 'a view: computed when it is read' : sql ? 'by SQL' : 'by a function') : `${made}`,
    together === undefined ? '' : `together with others in ${together}`,
    condition === undefined ? '' : 'by its own condition',
  ]
  return parts.filter((one) => one !== '').join(', ')
}

function History({ name }: { readonly name: string }) {
  const { data, error } = useQuery(historyQuery(name))
  const facts = (one: Materialization): string =>
    Object.entries(one.metadata)
      .flatMap(([key, value]) =>
        'value' in value && typeof value.value !== 'object' ? [`${key} ${String(value.value)}`] : [],
      )
      .join(', ')
  return (
    <Panel
      title="History"
      flush
      aside={data ? `${countOf(data.records.length, 'record')}${data.next === null ? '' : ' and more'}` : ''}
    >
      {error ? <Problem error={error} /> : null}
      {data?.records.length === 0 ? (
        <Empty title="It was never made." commands={[`sluice materialize ${name}`]}>
          Materialize makes it, with what it is made from as it is now.
        </Empty>
      ) : null}
      {data && data.records.length > 0 ? (
        <div className="max-h-72 overflow-y-auto" tabIndex={0} role="region" aria-label="History">
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
              { head: 'Facts', cell: facts, className: 'w-full max-w-0 text-muted' },
              {
                head: 'Run',
                cell: ({ run }) =>
                  run === '' ? null : (
                    <Link to="/runs/$run" params={{ run }} className="font-mono text-xs text-accent hover:underline">
                      {run.slice(0, 9)}
                    </Link>
                  ),
              },
            ]}
          />
        </div>
      ) : null}
    </Panel>
  )
}

/** Its first rows: asked for by a person, as a worker has to read them. */
function Preview({ name, latest }: { readonly name: string; readonly latest: Materialization | null }) {
  const { data, error, refetch, isFetching } = useQuery({
    queryKey: ['asset', name, 'preview', latest?.id ?? 0],
    queryFn: ({ signal }) =>
      client.assets.preview(
        { asset: name, limit: 20, ...(latest?.partition != null && { partition: latest.partition }) },
        { signal },
      ),
    enabled: false,
    retry: false,
  })
  if (latest?.value == null) return null
  return (
    <Panel
      title="Preview"
      aside={
        <Button look="quiet" disabled={isFetching} onClick={() => void refetch()}>
          {isFetching ? 'A worker reads it…' : data ? 'Read again' : 'Read the first rows'}
        </Button>
      }
    >
      {error ? <Problem error={error} /> : null}
      {data ? (
        <Sample data={data} />
      ) : (
        <p className="text-muted">
          {latest.partition === null ? 'Of its newest value.' : `Of ${latest.partition}, made last.`}
        </p>
      )}
    </Panel>
  )
}

function Sample({ data }: { readonly data: Awaited<ReturnType<typeof client.assets.preview>> }) {
  if (data.shape === 'value') return <ValueText label="Value" text={encodedText(data.value)} />
  const rows = decode(data.rows) as readonly Record<string, unknown>[]
  return (
    <>
      <Rows rows={rows} />
      {data.total === null ? null : (
        <p className="mt-1 text-muted">
          {rows.length} of {countOf(data.total, 'row')}
        </p>
      )}
    </>
  )
}
