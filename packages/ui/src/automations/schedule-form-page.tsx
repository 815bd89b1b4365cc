import { Link } from '@tanstack/react-router'
import { useQuery } from '@tanstack/react-query'
import { type Location, assetsOf, definitionsQuery, launchables } from '../definitions/queries.ts'
import { Empty, Loading, Problem } from '../elements/note.tsx'
import { PageHeader, Panel } from '../elements/panel.tsx'
import { usePageTitle } from '../frame/page-title.ts'
import { automationsQuery } from './queries.ts'
import { ScheduleForm } from './schedule-form.tsx'

/** A schedule that is made by a person: kept by the server, and not touched by deploys. */
export function ScheduleFormPage() {
  usePageTitle('New schedule')
  const { data, error, refetch } = useQuery(definitionsQuery)
  const { data: automations = [] } = useQuery(automationsQuery)
  const problem = error ? <Problem error={error} retry={() => void refetch()} /> : null
  if (!data) return problem ?? <Loading what="what can be launched" />
  const [first] = data
  if (!first) return <Empty title="No code is loaded, so there is nothing to launch." commands={['sluice dev']} />
  const taken = new Set(
    automations.filter(({ kind }) => kind === 'schedule').map(({ location, name }) => `${location} ${name}`),
  )
  return (
    <>
      <PageHeader title="New schedule">
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
            isTaken={(location, name) => taken.has(`${location} ${name}`)}
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
