import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type Launchable, definitionsQuery, launchables } from '../definitions/queries.ts'
import { Command } from '../elements/copy.tsx'
import { ListTable, rowLink } from '../elements/list-table.tsx'
import { Empty, Loading, Problem } from '../elements/note.tsx'
import { PageHeader } from '../elements/panel.tsx'
import { usePageTitle } from '../frame/page-title.ts'
import { placeText } from '../definitions/place-text.ts'

const snippet = `import { flow } from 'sluice'

export const hello = flow('hello', async () => 'world')`

/** What can be launched by its name: jobs, flows and tasks. */
export function FlowsPage() {
  usePageTitle('Flows')
  const { data, error, refetch } = useQuery(definitionsQuery)
  const all = data ? launchables(data) : []
  return (
    <>
      <PageHeader title="Flows and jobs" />
      {error ? <Problem error={error} retry={() => void refetch()} /> : null}
      {!data && !error ? <Loading what="definitions" /> : null}
      {data && all.length === 0 ? (
        <Empty title="No code that was loaded defines a flow or a job.">
          A flow is a function whose calls are tracked. Write one, save, and it is here:
          <span className="mt-2 block">
            <Command text={snippet} />
          </span>
        </Empty>
      ) : null}
      {all.length > 0 ? (
        <div className="bg-surface">
          <ListTable
            label="Flows and jobs"
            rows={all}
            keyOf={({ location, kind, definition }) => `${location} ${kind} ${definition.name}`}
            columns={[
              { head: 'Name', cell: nameCell },
              { head: 'Kind', cell: ({ kind }) => kind, className: 'text-muted' },
              { head: 'Launches', cell: targetText, className: 'text-muted hidden lg:table-cell' },
              {
                head: 'Description',
                cell: ({ definition }) => definition.description,
                className: 'hidden md:table-cell',
              },
              {
                head: 'Owners',
                cell: ({ definition }) => definition.terms.owners?.join(', '),
                className: 'text-muted hidden md:table-cell',
              },
              {
                head: 'Code',
                cell: ({ definition }) => placeText(definition.place),
                className: 'text-muted font-mono text-xs hidden lg:table-cell',
              },
              { head: 'Location', cell: ({ location }) => location, className: 'text-muted hidden md:table-cell' },
            ]}
          />
        </div>
      ) : null}
    </>
  )
}

const nameCell = ({ location, kind, definition: { name } }: Launchable) => (
  <Link to="/flows/$location/$kind/$name" params={{ location, kind, name }} data-row className={rowLink}>
    {name}
  </Link>
)

/** What a job stands for. */
export function targetText(one: Launchable): string {
  if (one.kind !== 'job') return ''
  const { target } = one.definition
  return 'selection' in target ? target.selection : target.name
}
