import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Problem } from '../elements/note.tsx'
import { Panel } from '../elements/panel.tsx'
import { State } from '../elements/state.tsx'
import { Ago, Lasted, useZone } from '../elements/time.tsx'
import { client } from '../frame/client.ts'
import { useNow } from '../frame/now.ts'
import type { RunsSearch } from './search.ts'
import { lineOf, partitionText, runTitle } from './words.ts'

interface RecentRunsProps {
  readonly of: Pick<RunsSearch, 'job' | 'asset'> & { readonly name?: string }
  readonly all: RunsSearch
}

/** The last runs of something, with a way to all of them. */
export function RecentRuns({ of, all }: RecentRunsProps) {
  const now = useNow()
  const zone = useZone()
  const { data, error } = useQuery({
    queryKey: ['runs', 'recent', of],
    queryFn: ({ signal }) => client.runs.list({ ...of, limit: 10 }, { signal }),
  })
  return (
    <Panel
      title="Last runs"
      flush
      aside={
        <Link to="/runs" search={all} className="hover:underline">
          All runs
        </Link>
      }
    >
      {error ? <Problem error={error} /> : null}
      {data?.runs.length === 0 ? <p className="px-3 py-3 text-muted">It has not run yet.</p> : null}
      <ul>
        {data?.runs.map((run) => (
          <li
            key={run.id}
            className="relative grid h-8 grid-cols-[104px_minmax(0,1fr)_72px] items-center sm:grid-cols-[104px_minmax(0,1fr)_80px_80px] gap-3 border-b border-line/60 px-3 last:border-0 hover:bg-hover"
          >
            <State state={run.state} />
            <span className="min-w-0 truncate">
              <Link
                to="/runs/$run"
                params={{ run: run.id }}
                data-row
                className="font-medium after:absolute after:inset-0"
              >
                {partitionText(run) || runTitle(run)}
              </Link>{' '}
              <span className={run.error ? 'text-bad' : 'text-muted'}>{lineOf(run, now, zone)}</span>
            </span>
            <span className="text-muted">
              <Ago at={run.createdAt} />
            </span>
            <span className="max-sm:hidden">
              {run.startedAt === null ? '' : <Lasted from={run.startedAt} to={run.endedAt} />}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
