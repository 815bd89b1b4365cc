import { type Failures, groupFailures } from '@sluice/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { Problem } from '../elements/note.tsx'
import { PageHeader } from '../elements/panel.tsx'
import { usePageTitle } from '../frame/page-title.ts'
import { useSettings } from '../frame/settings.ts'
import { Coming } from './coming.tsx'
import { Day } from './day.tsx'
import { FailureList } from './failure-list.tsx'
import { FirstRun } from './first-run.tsx'
import { failedQuery, newestQuery } from './queries.ts'
import { Stale } from './stale.tsx'
import { Waiting } from './waiting.tsx'
import { Whose } from './whose.tsx'

const route = getRouteApi('/')

/** What is wrong, whose it is, what waits, and what comes. */
export function HomePage() {
  usePageTitle('Home')
  const { owner } = route.useSearch()
  const { me, team } = useSettings()
  const navigate = useNavigate()
  const { data: failed, error, refetch } = useQuery(failedQuery)
  const { data: newest } = useQuery(newestQuery)
  const owners = [...new Set((failed?.runs ?? []).flatMap((run) => run.owners))].toSorted()
  const runs = (failed?.runs ?? []).filter((run) => owner === undefined || run.owners.includes(owner))
  const groups = groupFailures(runs)
  const isOurs = (group: Failures): boolean => group.owners.some((one) => one === me || one === team)
  const order = groups.toSorted((a, b) => Number(isOurs(b)) - Number(isOurs(a)))
  if (newest?.runs.length === 0)
    return (
      <>
        <PageHeader title="Home" />
        <FirstRun />
      </>
    )
  return (
    <>
      <PageHeader title="Home">
        <Whose
          owner={owner}
          owners={owners}
          choose={(whose) =>
            void navigate({ to: '/', search: whose === undefined ? {} : { owner: whose }, replace: true })
          }
        />
      </PageHeader>
      <div className="grid items-start gap-3 p-3 xl:grid-cols-[minmax(0,1fr)_400px]">
        <div className="flex min-w-0 flex-col gap-3">
          {error ? <Problem error={error} retry={() => void refetch()} /> : null}
          <FailureList groups={order} isRead={failed !== undefined} isMore={failed?.next != null} />
          <Day />
        </div>
        <div className="flex min-w-0 flex-col gap-3">
          <Waiting />
          <Coming />
          <Stale owner={owner} />
        </div>
      </div>
    </>
  )
}
