import { Link } from '@tanstack/react-router'

interface RunLinkProps {
  readonly run: string
  /** The step that is looked at there. */
  readonly step?: number | null
  /** The row that it is in is opened by it. */
  readonly isRow?: boolean
  /** All of the id, where it stands for itself. */
  readonly isWhole?: boolean
}

/** The page of a run, by the beginning of its id; nothing where something else than a run did it. */
export function RunLink({ run, step, isRow = false, isWhole = false }: RunLinkProps) {
  if (run === '') return null
  return (
    <Link
      to="/runs/$run"
      params={{ run }}
      search={step ? { step } : {}}
      {...(isRow && { 'data-row': true })}
      className="font-mono text-xs text-accent hover:underline"
    >
      {isWhole ? run : run.slice(0, 9)}
    </Link>
  )
}

interface RunLinksProps extends Pick<RunLinkProps, 'isRow'> {
  readonly runs: readonly string[]
  readonly most?: number
}

/** Some runs, and how many more there are. */
export function RunLinks({ runs, most = 4, isRow = false }: RunLinksProps) {
  const rest = runs.length - most
  return (
    <span className="flex gap-x-2">
      {runs.slice(0, most).map((run) => (
        <RunLink key={run} run={run} isRow={isRow} />
      ))}
      {rest > 0 ? <span className="text-muted">and {rest} more</span> : null}
    </span>
  )
}
