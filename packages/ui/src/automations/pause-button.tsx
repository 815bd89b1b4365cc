import { useMutation } from '@tanstack/react-query'
import { Pause, Play } from 'lucide-react'
import { Button } from '../elements/button.tsx'
import { Problem } from '../elements/note.tsx'
import { client } from '../frame/client.ts'
import { queries } from '../frame/queries.ts'
import type { Automation } from './queries.ts'

/** Pauses a schedule or a sensor, or lets it go on from now. */
export function PauseButton({ one }: { readonly one: Automation }) {
  const { location, name, kind, paused } = one
  const change = useMutation({
    async mutationFn() {
      const asked = { location, name, body: { paused: !paused } }
      if (kind === 'schedule') await client.schedules.pause(asked)
      else await client.sensors.pause(asked)
    },
    onSuccess: async () => await queries.invalidateQueries({ queryKey: ['automations'] }),
  })
  const Icon = paused ? Play : Pause
  return (
    <>
      <Button
        icon={<Icon size={14} aria-hidden />}
        disabled={change.isPending}
        aria-label={`${paused ? 'Go on' : 'Pause'}: ${name}`}
        onClick={() => change.mutate()}
      >
        {paused ? 'Go on' : 'Pause'}
      </Button>
      {change.error ? <Problem error={change.error} /> : null}
    </>
  )
}
