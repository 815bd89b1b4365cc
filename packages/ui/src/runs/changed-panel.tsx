import type { Run } from '@sluice/core'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Problem } from '../elements/note.tsx'
import { Panel } from '../elements/panel.tsx'
import { Ago } from '../elements/time.tsx'
import { client } from '../frame/client.ts'
import { changesBetween } from './changed.ts'

/** The last run of the same that succeeded before this one, and what is other now. */
const changedQuery = (run: Run) =>
  queryOptions({
    queryKey: ['run', run.id, 'changed'],
    async queryFn({ signal }) {
      const same = { name: run.name, ...(run.job !== null && { job: run.job }) }
      const [asset] = 'assets' in run.target ? run.target.assets : []
      const partition = 'partitions' in run.target ? run.target.partitions : null
      const { runs } = await client.runs.list(
        {
          ...same,
          ...(asset !== undefined && { asset }),
          ...(partition?.length === 1 && { partition: partition[0]! }),
          states: 'succeeded',
          until: run.createdAt,
          limit: 1,
        },
        { signal },
      )
      const [before] = runs
      if (!before) return null
      const location = run.terms?.location
      const made = async (id: string) => (await client.runs.made({ run: id, limit: 200 }, { signal })).records
      const [then, now, { versions }] = await Promise.all([
        made(before.id),
        made(run.id),
        location === undefined || before.codeVersion === run.codeVersion
          ? { versions: [] }
          : client.locations.versions({ location, limit: 100 }, { signal }),
      ])
      return { before, changes: changesBetween({ run: before, records: then }, { run, records: now }, versions) }
    },
    staleTime: Infinity,
  })

/** Of a run that failed: what changed since it last succeeded. */
export function ChangedPanel({ run }: { readonly run: Run }) {
  const { data, error } = useQuery(changedQuery(run))
  if (error) return <Problem error={error} />
  if (data === undefined) return null
  if (data === null)
    return (
      <Panel title="What changed">
        <p className="text-muted">No run of the same has succeeded before.</p>
      </Panel>
    )
  const { before, changes } = data
  return (
    <Panel
      title="Changed since it last succeeded"
      aside={
        <Link to="/runs/$run" params={{ run: before.id }} className="hover:underline">
          <Ago at={before.createdAt} />
        </Link>
      }
    >
      {changes.length === 0 ? (
        <p className="text-muted">Nothing that was recorded: code, params, environment and inputs are the same.</p>
      ) : (
        <dl className="flex flex-col gap-2">
          {changes.map(({ what, before: was, now }) => (
            <div key={what}>
              <dt className="font-medium">{what}</dt>
              <dd className="font-mono text-xs break-words">
                <del className="text-muted">{was}</del> <span aria-hidden>→</span>{' '}
                <ins className="no-underline">{now}</ins>
              </dd>
            </div>
          ))}
        </dl>
      )}
    </Panel>
  )
}
