import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Pause, Play } from 'lucide-react'
import { Button } from '../elements/button.tsx'
import { ListTable, rowLink } from '../elements/list-table.tsx'
import { Problem } from '../elements/note.tsx'
import { State } from '../elements/state.tsx'
import { Ago } from '../elements/time.tsx'
import { client } from '../frame/client.ts'
import { queries } from '../frame/queries.ts'
import { conditionsQuery } from './queries.ts'

type Listed = Awaited<ReturnType<typeof client.conditions.list>>['conditions'][number]

/** Assets and checks that say themselves when they are made. Why is on the page of the asset. */
export function ConditionsTable() {
  const { data, error, refetch } = useQuery(conditionsQuery)
  const pause = useMutation({
    mutationFn: async (body: { asset?: string; check?: string; paused: boolean }) =>
      await client.conditions.pause({ body }),
    onSuccess: async () => await queries.invalidateQueries({ queryKey: ['automations'] }),
  })
  if (error) return <Problem error={error} retry={() => void refetch()} />
  if (!data || data.count === 0) return null
  const button = (paused: boolean, name: string, body: Parameters<typeof pause.mutate>[0]) => (
    <Button
      disabled={pause.isPending}
      icon={paused ? <Play size={14} aria-hidden /> : <Pause size={14} aria-hidden />}
      aria-label={`${paused ? 'Go on' : 'Pause'}${body.asset === undefined ? ' all' : ''}: ${name}`}
      onClick={() => pause.mutate(body)}
    >
      {paused ? 'Go on' : 'Pause'}
      {body.asset === undefined ? ' all' : ''}
    </Button>
  )
  return (
    <section aria-label="Conditions" className="border-t border-line bg-surface">
      <header className="flex items-center justify-between px-3 pt-4 pb-1">
        <h2 className="font-semibold">Conditions of assets{data.paused ? ', all paused' : ''}</h2>
        {button(data.paused, 'conditions', { paused: !data.paused })}
      </header>
      {pause.error ? <Problem error={pause.error} /> : null}
      <ListTable
        label="Conditions"
        rows={data.conditions}
        keyOf={({ location, asset, check }) => `${location} ${asset} ${check ?? ''}`}
        columns={[
          {
            head: 'Of',
            cell: ({ asset, check }) => (
              <>
                <Link to="/assets/$" params={{ _splat: asset }} data-row className={rowLink}>
                  {asset}
                </Link>
                {check === null ? null : <span className="text-muted"> check {check}</span>}
              </>
            ),
          },
          { head: 'Condition', cell: ({ label }) => label, className: 'font-mono text-xs' },
          { head: 'State', cell: ({ paused }) => (paused ? <State state="paused" /> : 'goes on') },
          { head: 'Last look that said something', cell: ({ latest }) => <Latest latest={latest} /> },
          {
            head: '',
            cell: ({ asset, check, paused }) =>
              button(paused, check === null ? asset : `${asset} ${check}`, {
                asset,
                ...(check !== null && { check }),
                paused: !paused,
              }),
            className: 'text-right',
          },
        ]}
      />
    </section>
  )
}

function Latest({ latest }: Pick<Listed, 'latest'>) {
  if (latest === null) return <span className="text-muted">none yet</span>
  const { at, run, error } = latest
  return (
    <span className="flex items-center gap-2">
      <span className="text-muted">
        <Ago at={at} />
      </span>
      {error ? (
        <span className="truncate text-bad">{error.message}</span>
      ) : run === null ? (
        'requested nothing'
      ) : (
        <Link to="/runs/$run" params={{ run }} className="text-accent hover:underline">
          requested a run
        </Link>
      )}
    </span>
  )
}
