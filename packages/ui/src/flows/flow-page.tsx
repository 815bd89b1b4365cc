import { type Json, type Run, type ScheduleSpec, encode } from '@sluice/core'
import { useQuery } from '@tanstack/react-query'
import { Link, getRouteApi } from '@tanstack/react-router'
import { type Launchable, type Location, definitionsQuery, launchables } from '../definitions/queries.ts'
import { Empty, Loading, Problem } from '../elements/note.tsx'
import { Facts, PageHeader, Panel } from '../elements/panel.tsx'
import { duration } from '../elements/time-text.ts'
import { client } from '../frame/client.ts'
import { usePageTitle } from '../frame/page-title.ts'
import { RecentRuns } from '../runs/recent-runs.tsx'
import { timetableText } from '../automations/words.ts'
import { targetText } from './flows-page.tsx'
import { LaunchForm } from './launch-form.tsx'
import { fieldsOf, jsonParams } from './params.ts'

const route = getRouteApi('/flows/$location/$kind/$name')

/** One job, flow or task: what it takes, what it did, when it starts by itself. */
export function FlowPage() {
  const { location, kind, name } = route.useParams()
  usePageTitle(name)
  const { data, error, refetch } = useQuery(definitionsQuery)
  if (!data) return error ? <Problem error={error} retry={() => void refetch()} /> : <Loading what="definitions" />
  const found = launchables(data).find(
    (one) => one.location === location && one.kind === kind && one.definition.name === name,
  )
  if (!found)
    return (
      <Empty title={`The code of ${location} defines no ${kind} called ${name}.`}>
        It may have been renamed, or the code could not be loaded.{' '}
        <Link to="/flows" className="underline">
          All flows and jobs
        </Link>
      </Empty>
    )
  return <Found key={`${location} ${kind} ${name}`} found={found} locations={data} />
}

/** The flow that a job stands for, by its definition. */
function flowOf(
  found: Launchable,
  locations: readonly Location[],
): { takesParams: boolean; paramsSchema?: Json } | undefined {
  if (found.kind !== 'job') return found.definition
  const { target } = found.definition
  if ('selection' in target) return { takesParams: false }
  const { definitions } = locations.find(({ name }) => name === found.location)!
  return (target.kind === 'flow' ? definitions.flows : definitions.tasks).find(({ name }) => name === target.name)
}

/** Those that a run had, as they are asked for. */
const partitionsOf = (run: Run | undefined): string =>
  run && 'partitions' in run.target ? (run.target.partitions ?? []).join(',') : ''

function Found({ found, locations }: { readonly found: Launchable; readonly locations: readonly Location[] }) {
  const { from } = route.useSearch()
  const { location, kind, definition } = found
  const { name, terms, description } = definition
  const { data: before, isPending } = useQuery({
    queryKey: ['run', from ?? ''],
    queryFn: ({ signal }) => client.runs.get({ run: from ?? '' }, { signal }),
    enabled: from !== undefined,
  })
  const flow = flowOf(found, locations)
  const assets = found.kind === 'job' && 'selection' in found.definition.target
  const isTask = kind === 'task' || (found.kind === 'job' && found.definition.target.kind === 'task')
  const defaults = found.kind === 'job' ? jsonParams(found.definition.params) : {}
  const fields = flow?.takesParams === false ? [] : isTask ? null : fieldsOf(flow?.paramsSchema, defaults)
  const params = before?.run.params
  const schedules = locations
    .find((one) => one.name === location)!
    .definitions.schedules.filter((one: ScheduleSpec) => one.target === name)
  return (
    <>
      <PageHeader
        title={
          <>
            {name} <span className="text-sm font-normal text-muted">{kind}</span>
          </>
        }
      />
      <div className="grid items-start gap-3 p-3 lg:grid-cols-[minmax(0,1fr)_380px]">
        <div className="flex min-w-0 flex-col gap-3">
          <RecentRuns
            of={kind === 'job' ? { job: name } : { name }}
            all={kind === 'job' ? { job: name } : { text: name }}
          />
          <Panel title="Definition">
            <Facts
              facts={[
                ['About', description],
                [
                  'Code',
                  definition.place === undefined ? null : (
                    <code key="it" className="font-mono text-xs break-all">
                      {definition.place}
                    </code>
                  ),
                ],
                ['Location', location],
                ['Launches', targetText(found)],
                ['Owners', terms.owners?.join(', ')],
                ['Pool', terms.pool],
                ['Priority', terms.priority],
                ['Limits', terms.limits?.map((one) => one.name).join(', ')],
                ['At most', terms.maxDuration === undefined ? null : duration(terms.maxDuration)],
                ['Run retries', terms.runRetries?.max],
                [
                  'Schedules',
                  schedules.length === 0 ? null : (
                    <ul key="it">
                      {schedules.map((one) => (
                        <li key={one.name}>
                          <Link
                            to="/automations/$location/$kind/$name"
                            params={{ location, kind: 'schedule', name: one.name }}
                            className="text-accent hover:underline"
                          >
                            {one.name}
                          </Link>{' '}
                          <span className="text-muted">{timetableText(one.timetable)}</span>
                        </li>
                      ))}
                    </ul>
                  ),
                ],
              ]}
            />
          </Panel>
        </div>
        <Panel title="Launch">
          {from !== undefined && isPending ? (
            <p className="text-muted">Reading what the run before was given…</p>
          ) : (
            <LaunchForm
              target={name}
              location={location}
              fields={fields}
              values={jsonParams(params)}
              partition={assets ? partitionsOf(before?.run) : null}
              whole={params ?? (isTask ? encode([]) : '')}
              before={before?.run}
            />
          )}
        </Panel>
      </div>
    </>
  )
}
