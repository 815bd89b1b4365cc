import { Link, getRouteApi } from '@tanstack/react-router'
import { useQuery } from '@tanstack/react-query'
import { type Location, assetsOf, definitionsQuery, launchables } from '../definitions/queries.ts'
import { Empty, Loading, Problem } from '../elements/note.tsx'
import { PageHeader, Panel } from '../elements/panel.tsx'
import { usePageTitle } from '../frame/page-title.ts'
import { type Automation, automationsQuery } from './queries.ts'
import { ScheduleForm } from './schedule-form.tsx'
import { draftOf } from './timed.ts'

const route = getRouteApi('/automations/$location/schedule/$name/change')

/** A schedule that is made by a person: kept by the server, and not touched by deploys. */
export function ScheduleFormPage() {
  usePageTitle('New schedule')
  const { data: automations = [] } = useQuery(automationsQuery)
  const taken = new Set(
    automations.filter(({ kind }) => kind === 'schedule').map(({ location, name }) => `${location} ${name}`),
  )
  return <FormPage title="New schedule" isTaken={(location, name) => taken.has(`${location} ${name}`)} />
}

/** One that a person made before, filled in as it is. */
export function ScheduleChangePage() {
  const { location, name } = route.useParams()
  usePageTitle(`Change ${name}`)
  const { data, error, refetch } = useQuery(automationsQuery)
  const one = data?.find((each) => each.location === location && each.kind === 'schedule' && each.name === name)
  if (!data) return error ? <Problem error={error} retry={() => void refetch()} /> : <Loading what="the schedule" />
  if (one?.kind !== 'schedule') return <Empty title={`There is no schedule called ${name} in ${location}.`} />
  if (one.origin === 'code')
    return (
      <Empty title={`${name} is defined by the code of ${location}: it is changed there.`}>
        Here it can be paused, and tested.
      </Empty>
    )
  return <FormPage key={`${location} ${name}`} title={`Change ${name}`} before={one} />
}

interface FormPageProps {
  readonly title: string
  readonly isTaken?: (location: string, name: string) => boolean
  readonly before?: Extract<Automation, { kind: 'schedule' }>
}

function FormPage({ title, isTaken = () => false, before }: FormPageProps) {
  const { data, error, refetch } = useQuery(definitionsQuery)
  const problem = error ? <Problem error={error} retry={() => void refetch()} /> : null
  if (!data) return problem ?? <Loading what="what can be launched" />
  const [first] = data
  if (!first) return <Empty title="No code is loaded, so there is nothing to launch." commands={['sluice dev']} />
  return (
    <>
      <PageHeader title={title}>
        <Link to="/automations" className="text-accent hover:underline">
          All automations
        </Link>
      </PageHeader>
      {problem}
      <div className="max-w-2xl p-3">
        <Panel title="What it launches, and when">
          <ScheduleForm
            locations={data.map(({ name }) => name)}
            targetsOf={(location) => targetsOf(data, location)}
            isTaken={isTaken}
            {...(before && { before: { ...before, draft: draftOf(before.name, before.spec) } })}
          />
        </Panel>
      </div>
    </>
  )
}

function targetsOf(all: readonly Location[], location: string): string[] {
  const its = all.filter(({ name }) => name === location)
  return [...launchables(its).map(({ definition }) => definition.name), ...assetsOf(its).map(({ name }) => name)]
}
