import { Link } from '@tanstack/react-router'

/** The page of a run, by the beginning of its id; nothing where something else than a run did it. */
export function RunLink({ run }: { readonly run: string }) {
  if (run === '') return null
  return (
    <Link to="/runs/$run" params={{ run }} className="font-mono text-xs text-accent hover:underline">
      {run.slice(0, 9)}
    </Link>
  )
}
