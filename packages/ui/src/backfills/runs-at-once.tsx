import { useMutation } from '@tanstack/react-query'
import { type SubmitEvent, useState } from 'react'
import { Button } from '../elements/button.tsx'
import { Problem } from '../elements/note.tsx'
import { client } from '../frame/client.ts'
import { queries } from '../frame/queries.ts'
import { type Backfill, isOpen } from './queries.ts'

const everyPlace = 'as many as there are places'

/** How many runs of a backfill go on at once; of one that makes more runs, a field to change it. */
export function RunsAtOnce({ backfill }: { readonly backfill: Backfill }) {
  const { id, concurrency, state } = backfill
  if (!isOpen(backfill) || state === 'canceling') return concurrency ?? everyPlace
  return <Change key={concurrency} backfill={id} concurrency={concurrency} />
}

function Change(props: { readonly backfill: string; readonly concurrency: number | null }) {
  const { backfill, concurrency } = props
  const [typed, setTyped] = useState(concurrency === null ? '' : String(concurrency))
  const wanted = typed === '' ? null : Number(typed)
  const set = useMutation({
    mutationFn: async () => await client.backfills.set({ backfill, body: { concurrency: wanted } }),
    onSuccess: async () => await queries.invalidateQueries({ queryKey: ['backfills'] }),
  })
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    set.mutate()
  }
  return (
    <form aria-label="Runs at once" onSubmit={submit} className="flex flex-wrap items-center gap-2">
      <input
        type="number"
        aria-label="Runs at once"
        min={1}
        placeholder={everyPlace}
        value={typed}
        onChange={({ target }) => setTyped(target.value)}
        className="field w-full"
      />
      {wanted === concurrency ? null : (
        <Button type="submit" disabled={set.isPending}>
          Set
        </Button>
      )}
      {set.error ? <Problem error={set.error} /> : null}
    </form>
  )
}
