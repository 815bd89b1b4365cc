import { useQuery } from '@tanstack/react-query'
import { CircleCheck, CircleX, Moon } from 'lucide-react'
import { IconWord } from '../elements/icon-word.tsx'
import { ListTable } from '../elements/list-table.tsx'
import { Empty, Loading, Problem } from '../elements/note.tsx'
import { PageHeader, Panel } from '../elements/panel.tsx'
import { Ago } from '../elements/time.tsx'
import { usePageTitle } from '../frame/page-title.ts'
import { RunLinks } from '../runs/run-link.tsx'
import { limitsQuery, locationsQuery, poolsQuery, workersQuery } from './queries.ts'

/** Who executes runs, and what runs wait for. */
export function WorkersPage() {
  usePageTitle('Workers')
  return (
    <>
      <PageHeader title="Workers" />
      <div className="flex flex-col gap-3 p-3">
        <Workers />
        <Pools />
        <Limits />
        <Locations />
      </div>
    </>
  )
}

function Workers() {
  const { data, error, refetch } = useQuery(workersQuery)
  return (
    <Panel title="Workers" flush>
      {error ? <Problem error={error} retry={() => void refetch()} /> : null}
      {!data && !error ? <Loading what="workers" /> : null}
      {data?.workers.length === 0 ? (
        <Empty
          title="No worker is connected: runs wait."
          commands={[
            'sluice worker --server http://127.0.0.1:4747',
            'SLUICE_TOKEN=… sluice worker --server https://sluice.example.com',
          ]}
        >
          <code className="font-mono text-xs">sluice dev</code> brings one. Others connect from any machine:
        </Empty>
      ) : null}
      {data && data.workers.length > 0 ? (
        <ListTable
          label="Workers"
          rows={data.workers}
          keyOf={({ id }) => id}
          columns={[
            { head: 'Name', cell: ({ name }) => <span className="font-medium">{name}</span> },
            {
              head: 'State',
              cell: ({ draining }) =>
                draining ? (
                  <IconWord icon={Moon} text="text-warn">
                    draining
                  </IconWord>
                ) : (
                  <IconWord icon={CircleCheck} text="text-good">
                    at work
                  </IconWord>
                ),
            },
            { head: 'Pool', cell: ({ pool }) => pool },
            { head: 'Slots', cell: ({ slots, runs }) => `${runs.length} of ${slots} taken` },
            { head: 'Runs', cell: ({ runs }) => <RunLinks runs={runs} />, className: 'hidden md:table-cell' },
            {
              head: 'Code',
              cell: ({ versions }) => Object.keys(versions).join(', '),
              className: 'text-muted hidden md:table-cell',
            },
            {
              head: 'Machine',
              cell: ({ machine }) => `${machine.host} ${machine.pid}, Node ${machine.node}`,
              className: 'text-muted hidden lg:table-cell',
            },
            { head: 'Joined', cell: ({ joinedAt }) => <Ago at={joinedAt} />, className: 'text-muted' },
          ]}
        />
      ) : null}
    </Panel>
  )
}

function Pools() {
  const { data, error } = useQuery(poolsQuery)
  return (
    <Panel title="Pools" flush aside="how many runs wait, and for what">
      {error ? <Problem error={error} /> : null}
      {data ? (
        <ListTable
          label="Pools"
          rows={data.pools}
          keyOf={({ pool }) => pool}
          columns={[
            { head: 'Pool', cell: ({ pool }) => <span className="font-medium">{pool}</span> },
            { head: 'Slots taken', cell: ({ held, slots }) => `${held} of ${slots}` },
            { head: 'Ready', cell: ({ ready }) => ready },
            { head: 'At a limit', cell: ({ blocked }) => blocked },
            { head: 'Later', cell: ({ later }) => later },
            { head: 'On the way', cell: ({ delivered }) => delivered },
          ]}
        />
      ) : null}
    </Panel>
  )
}

function Limits() {
  const { data, error } = useQuery(limitsQuery)
  return (
    <Panel title="Limits" flush>
      {error ? <Problem error={error} /> : null}
      {data?.limits.length === 0 ? (
        <p className="p-3 text-muted">No limit is in use, and nothing waits for one.</p>
      ) : null}
      {data && data.limits.length > 0 ? (
        <ListTable
          label="Limits"
          rows={data.limits}
          keyOf={({ name, key }) => `${name}\n${key ?? ''}`}
          columns={[
            { head: 'Limit', cell: ({ name, key }) => (key === null ? name : `${name} of ${key}`) },
            { head: 'Held', cell: ({ held }) => held },
            { head: 'Waiting', cell: ({ waiting }) => waiting },
            { head: 'Held by', cell: ({ holders }) => <RunLinks runs={holders} /> },
          ]}
        />
      ) : null}
    </Panel>
  )
}

function Locations() {
  const { data, error } = useQuery(locationsQuery)
  return (
    <Panel title="Code" flush>
      {error ? <Problem error={error} /> : null}
      {data?.locations.length === 0 ? (
        <Empty title="No code was loaded." commands={['sluice dev pipeline.ts', 'sluice deploy']} />
      ) : null}
      {data && data.locations.length > 0 ? (
        <ListTable
          label="Code"
          rows={data.locations}
          keyOf={({ name }) => name}
          columns={[
            { head: 'Location', cell: ({ name }) => <span className="font-medium">{name}</span> },
            {
              head: 'Version',
              cell: ({ active }) => <code className="font-mono text-xs">{active?.slice(0, 12) ?? 'none'}</code>,
            },
            {
              head: 'Since',
              cell: ({ activatedAt }) => (activatedAt === null ? '' : <Ago at={activatedAt} />),
              className: 'text-muted',
            },
            {
              head: 'State',
              cell: ({ problem }) =>
                problem === null ? (
                  <IconWord icon={CircleCheck} text="text-good">
                    loaded
                  </IconWord>
                ) : (
                  <span className="inline-flex items-center gap-1.5 text-bad" title={problem.hint}>
                    <CircleX size={14} aria-hidden /> {problem.code} {problem.message}
                  </span>
                ),
              className: 'max-w-none whitespace-normal',
            },
          ]}
        />
      ) : null}
    </Panel>
  )
}
