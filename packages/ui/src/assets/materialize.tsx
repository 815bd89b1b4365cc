import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Hammer, Layers } from 'lucide-react'
import type { SubmitEvent } from 'react'
import { Button } from '../elements/button.tsx'
import { CopyButton } from '../elements/copy.tsx'
import { Problem } from '../elements/note.tsx'
import { launchCommand } from '../flows/launch-command.ts'
import { client } from '../frame/client.ts'

interface MaterializeProps {
  /** An asset, or a selection of some. */
  readonly target: string
  /** Left out: wherever it is. */
  readonly location?: string
  /** `null`: it has none. */
  readonly partition: string | null
  readonly setPartition: (partition: string) => void
  /** Opens the form of a backfill of them; left out: there is none. */
  readonly backfill?: () => void
  readonly word?: string
}

/** Makes an asset, or several, in one run: which partitions is said beside. */
export function Materialize({
  target,
  location,
  partition,
  setPartition,
  backfill,
  word = 'Materialize',
}: MaterializeProps) {
  const navigate = useNavigate()
  const asked = { target, ...(location !== undefined && { location }), ...(partition !== null && { partition }) }
  const launch = useMutation({
    mutationFn: async () => await client.runs.launch({ body: asked }),
    onSuccess: async ({ run }) => await navigate({ to: '/runs/$run', params: { run: run.id } }),
  })
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    launch.mutate()
  }
  return (
    <form onSubmit={submit} className="flex flex-wrap items-center gap-2">
      {partition === null ? null : (
        <label className="flex items-center gap-2 text-muted">
          Partitions
          <input
            required
            value={partition}
            onChange={(event) => setPartition(event.target.value)}
            title="latest, missing, stale, all, a key, A..B, or A,B"
            className="field w-52 font-mono text-xs text-text"
          />
        </label>
      )}
      <CopyButton label="Copy as a command" text={launchCommand({ params: undefined, ...asked })} />
      {partition === null || backfill === undefined ? null : (
        <Button icon={<Layers size={14} aria-hidden />} onClick={backfill}>
          Backfill
        </Button>
      )}
      <Button look="main" type="submit" disabled={launch.isPending} icon={<Hammer size={14} aria-hidden />}>
        {word}
      </Button>
      {launch.error ? <Problem error={launch.error} /> : null}
    </form>
  )
}
