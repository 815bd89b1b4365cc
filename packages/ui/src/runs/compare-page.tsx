import { type Run, type Step, reasonOf } from '@sluice/core'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { Link, getRouteApi } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { ListTable } from '../elements/list-table.tsx'
import { Empty, Loading, Problem } from '../elements/note.tsx'
import { PageHeader, Panel } from '../elements/panel.tsx'
import { State } from '../elements/state.tsx'
import { Lasted, Time } from '../elements/time.tsx'
import { client } from '../frame/client.ts'
import { usePageTitle } from '../frame/page-title.ts'
import { ChangesList } from './changes-list.tsx'
import { compareRuns, differentSteps, stepsOf } from './compare.ts'
import { firstLine, partitionText, runTitle } from './words.ts'

const route = getRouteApi('/runs/compare')
const mostShown = 200

const compareQuery = (a: string, b: string) =>
  queryOptions({
    queryKey: ['run', a, 'compared', b],
    async queryFn({ signal }) {
      const found = await Promise.all([a, b].map(async (run) => (await client.runs.get({ run }, { signal })).run))
      const [before, now] = found.toSorted((one, other) => one.createdAt - other.createdAt) as [Run, Run]
      const [changes, then, its] = await Promise.all([
        compareRuns(before, now, signal),
        stepsOf(before.id, signal),
        stepsOf(now.id, signal),
      ])
      return { before, now, changes, steps: differentSteps(then, its) }
    },
  })

/** Two runs side by side: what they were given, and what became of them. */
export function ComparePage() {
  const { a, b } = route.useSearch()
  usePageTitle('Compare')
  return (
    <>
      <PageHeader title="Compare two runs" />
      {a === undefined || b === undefined ? (
        <Empty title="Two runs are compared.">
          Choose two in{' '}
          <Link to="/runs" className="text-accent underline">
            Runs
          </Link>{' '}
          (<kbd className="font-mono text-xs">x</kbd> on each), then Compare.
        </Empty>
      ) : (
        <Compared a={a} b={b} />
      )}
    </>
  )
}

function Compared({ a, b }: { readonly a: string; readonly b: string }) {
  const { data, error, refetch } = useQuery(compareQuery(a, b))
  if (!data) return error ? <Problem error={error} retry={() => void refetch()} /> : <Loading what="both runs" />
  const { before, now, changes, steps } = data
  const columns: readonly [string, (run: Run) => ReactNode][] = [
    ['State', (run) => <State state={run.state} />],
    ['Made', (run) => <Time at={run.createdAt} />],
    ['Took', (run) => (run.startedAt === null ? '' : <Lasted from={run.startedAt} to={run.endedAt} />)],
    ['Partition', partitionText],
    ['What happened', (run) => (run.error ? firstLine(reasonOf(run.error).message) : '')],
  ]
  return (
    <div className="flex flex-col gap-3 p-3">
      {error ? <Problem error={error} retry={() => void refetch()} /> : null}
      <div className="overflow-x-auto rounded-lg border border-line bg-surface">
        <table aria-label="The two runs" className="w-full border-collapse text-left">
          <thead>
            <tr className="border-b border-line">
              <th className="w-32 px-3 py-1.5 text-xs text-muted">Run</th>
              {[before, now].map((run) => (
                <th key={run.id} scope="col" className="px-3 py-1.5">
                  <Link to="/runs/$run" params={{ run: run.id }} data-row className="hover:text-accent hover:underline">
                    {runTitle(run)}{' '}
                    <span className="font-mono text-xs font-normal text-muted">{run.id.slice(0, 9)}</span>
                  </Link>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {columns
              .filter(([, cell]) => cell(before) !== '' || cell(now) !== '')
              .map(([name, cell]) => (
                <tr key={name} className="border-b border-line/60 align-top last:border-0">
                  <th scope="row" className="px-3 py-1 font-normal text-muted">
                    {name}
                  </th>
                  <td className="px-3 py-1 break-words">{cell(before)}</td>
                  <td className="px-3 py-1 break-words">{cell(now)}</td>
                </tr>
              ))}
          </tbody>
        </table>
      </div>
      <Panel title="What is other" aside="the older one, then the newer one">
        <ChangesList changes={changes} />
      </Panel>
      <Panel title="Steps that came to something else" flush>
        {steps.length === 0 ? (
          <p className="px-3 py-3 text-muted">None: each step came to the same in both.</p>
        ) : (
          <ListTable
            label="Steps"
            rows={steps.slice(0, mostShown).map((one, nth) => ({ ...one, nth }))}
            keyOf={({ nth }) => String(nth)}
            columns={[
              { head: 'Step', cell: ({ name }) => name },
              { head: 'Older', cell: (one) => <StepState run={before.id} step={one.before} /> },
              { head: 'Newer', cell: (one) => <StepState run={now.id} step={one.now} /> },
            ]}
          />
        )}
      </Panel>
    </div>
  )
}

function StepState({ run, step }: { readonly run: string; readonly step: Step | null }) {
  if (!step) return <span className="text-muted">did not come to it</span>
  return (
    <Link to="/runs/$run" params={{ run }} search={{ step: step.step }} className="hover:underline">
      <State state={step.state} />
    </Link>
  )
}
