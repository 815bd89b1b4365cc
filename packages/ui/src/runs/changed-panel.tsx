import type { Run } from '@sluice/core'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Problem } from '../elements/note.tsx'
import { Panel } from '../elements/panel.tsx'
import { Ago } from '../elements/time.tsx'
import { client } from '../frame/client.ts'
import { ChangesList } from './changes-list.tsx'
import { compareRuns } from './compare.ts'

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
      return { before, changes: await compareRuns(before, run, signal) }
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
      <ChangesList changes={changes} />
    </Panel>
  )
}
