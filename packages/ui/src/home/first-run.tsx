import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type Location, assetsOf, definitionsQuery } from '../definitions/queries.ts'
import { launchCommand } from '../flows/launch-command.ts'
import { Empty } from '../elements/note.tsx'
import { countOf } from '../elements/numbers.ts'

const linkClass = 'text-accent underline'

/** Before anything ran: what the code has that could, here or from a terminal. */
export function FirstRun() {
  const { data = [] } = useQuery(definitionsQuery)
  const says = loadedText(data)
  return (
    <Empty title="Waiting for the first run." commands={commandsFor(data)}>
      {says === '' ? '' : `${says} `}
      Launch something from{' '}
      <Link to="/flows" className={linkClass}>
        Flows
      </Link>{' '}
      or{' '}
      <Link to="/assets" className={linkClass}>
        Assets
      </Link>
      , or from a terminal. It appears here by itself.
    </Empty>
  )
}

function loadedText(locations: readonly Location[]): string {
  const count = (of: (one: Location['definitions']) => readonly unknown[]): number =>
    locations.reduce((sum, { definitions }) => sum + of(definitions).length, 0)
  const parts = [
    [count(({ assets }) => assets), 'asset'],
    [count(({ flows }) => flows), 'flow'],
    [count(({ jobs }) => jobs), 'job'],
  ] as const
  const words = parts.flatMap(([found, word]) => (found > 0 ? countOf(found, word) : []))
  return words.length === 0 ? '' : `Your code is loaded: ${words.join(', ')}.`
}

/** With names that there are; before any code is loaded, as they are written. */
function commandsFor(locations: readonly Location[]): string[] {
  const assets = assetsOf(locations)
  const flow = locations.flatMap(({ definitions }) => definitions.flows)[0]
  const isAny = locations.length === 0
  return [
    ...(flow || isAny ? [launchCommand({ target: flow?.name ?? 'NAME', params: undefined })] : []),
    ...(assets.length > 0 || isAny
      ? [`sluice materialize "*"${assets.some(({ partitions }) => partitions) ? ' --partition latest' : ''}`]
      : []),
    'sluice schedules list',
  ]
}
