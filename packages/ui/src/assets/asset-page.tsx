import type { AssetSnapshot } from '@sluice/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { Loading, Problem } from '../elements/note.tsx'
import { Facts, PageHeader, Panel } from '../elements/panel.tsx'
import { Ago } from '../elements/time.tsx'
import { usePageTitle } from '../frame/page-title.ts'
import { given } from '../runs/search.ts'
import { PartitionsPanel } from '../partitions/partitions-panel.tsx'
import { isKey } from '../partitions/partition-text.ts'
import type { Change } from '../partitions/search.ts'
import { RecentRuns } from '../runs/recent-runs.tsx'
import { ChecksPanel } from '../checks/checks-panel.tsx'
import { DefinitionChanges } from './definition-changes.tsx'
import { HealthState } from './health-state.tsx'
import { HistoryPanel } from './history-panel.tsx'
import { Lineage } from './lineage.tsx'
import { Materialize } from './materialize.tsx'
import { MetadataPlots } from './metadata-plots.tsx'
import { MetadataView } from './metadata-view.tsx'
import { PreviewPanel } from './preview-panel.tsx'
import { assetQuery } from './queries.ts'
import { StaleNote } from './stale-note.tsx'
import { WhyPanel } from './why-panel.tsx'

const route = getRouteApi('/assets/$')

/** One asset: what it is made from, when it was made, and what is in it. */
export function AssetPage() {
  const { _splat: name = '' } = route.useParams()
  usePageTitle(name)
  const search = route.useSearch()
  const navigate = useNavigate()
  const { partition = 'latest' } = search
  const choose = (change: Change): void =>
    void navigate({
      to: '/assets/$',
      params: { _splat: name },
      search: given({ ...search, ...change }),
      replace: true,
      resetScroll: false,
    })
  const { data, error, refetch } = useQuery(assetQuery(name))
  if (!data) return error ? <Problem error={error} retry={() => void refetch()} /> : <Loading what="the asset" />
  const { asset, upstream, downstream, checks, failedChecks, health, freshness, staleness, code } = data
  const { definition, location } = asset
  const key = definition.partitions !== null && isKey(partition) ? partition : undefined
  return (
    <>
      <PageHeader title={name}>
        {definition.runnable ? (
          <Materialize
            target={name}
            location={location}
            partition={definition.partitions === null ? null : partition}
            setPartition={(text) => choose({ partition: text })}
            backfill={() => choose({ partition, backfill: true })}
          />
        ) : null}
      </PageHeader>
      <div key={name} className="grid items-start gap-3 p-3 lg:grid-cols-[minmax(0,1fr)_360px]">
        <div className="flex min-w-0 flex-col gap-3">
          {error ? <Problem error={error} retry={() => void refetch()} /> : null}
          {staleness?.status === 'stale' ? <StaleNote staleness={staleness} /> : null}
          <Lineage name={name} upstream={upstream} downstream={downstream} />
          {definition.partitions === null ? null : (
            <PartitionsPanel
              asset={name}
              location={location}
              around={{ upstream: upstream.length > 0, downstream: downstream.length > 0 }}
              chosen={{ ...search, partition }}
              choose={choose}
            />
          )}
          <WhyPanel asset={name} partition={key} />
          <MetadataPlots name={name} />
          <HistoryPanel name={name} isPartitioned={definition.partitions !== null} />
          <RecentRuns of={{ asset: name }} all={{ asset: name }} />
          <PreviewPanel name={name} latest={asset.latest} chosen={key} />
        </div>
        <div className="flex min-w-0 flex-col gap-3">
          <Panel title="Definition">
            <Facts
              facts={[
                ['About', definition.description],
                ['Health', <HealthState key="it" health={health.health} />],
                ['Freshness', freshness?.state],
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
                  'Commit',
                  code.git === null ? null : `${code.git.commit.slice(0, 8)}${code.git.dirty ? ', with changes' : ''}`,
                ],
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
          </Panel>
          <ChecksPanel asset={name} definitions={definition.checks} results={checks} failed={failedChecks} />
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
          <DefinitionChanges asset={name} location={location} />
        </div>
      </div>
    </>
  )
}

function howText({ made, virtual, sql, together, condition }: AssetSnapshot): string {
  const parts = [
    made === 'here' ? (virtual ? 'a view: computed when it is read' : sql ? 'by SQL' : 'by a function') : `${made}`,
    together === undefined ? '' : `together with others in ${together}`,
    condition === undefined ? '' : 'by its own condition',
  ]
  return parts.filter((one) => one !== '').join(', ')
}
