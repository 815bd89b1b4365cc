import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Trash2 } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../elements/button.tsx'
import { Problem } from '../elements/note.tsx'
import { client } from '../frame/client.ts'
import { queries } from '../frame/queries.ts'
import type { Named } from './queries.ts'

/** Deletes a schedule that a person made; it asks once more first. */
export function RemoveButton({ location, name }: Pick<Named, 'location' | 'name'>) {
  const navigate = useNavigate()
  const [asks, setAsks] = useState(false)
  const remove = useMutation({
    mutationFn: async () => await client.schedules.remove({ location, name }),
    async onSuccess() {
      await navigate({ to: '/automations' })
      await queries.invalidateQueries({ queryKey: ['automations'] })
    },
  })
  return (
    <>
      <Button
        look="danger"
        icon={<Trash2 size={14} aria-hidden />}
        disabled={remove.isPending}
        onBlur={() => setAsks(false)}
        onClick={() => (asks ? remove.mutate() : setAsks(true))}
      >
        {asks ? 'Really delete?' : 'Delete'}
      </Button>
      {remove.error ? <Problem error={remove.error} /> : null}
    </>
  )
}
