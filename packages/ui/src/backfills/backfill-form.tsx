import { printSelection } from '@sluice/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Layers } from 'lucide-react'
import { type SubmitEvent, useDeferredValue, useState } from 'react'
import { Button } from '../elements/button.tsx'
import { Problem } from '../elements/note.tsx'
import { countOf } from '../elements/numbers.ts'
import { duration } from '../elements/time-text.ts'
import { client } from '../frame/client.ts'
import { type BackfillRequest, planQuery } from './queries.ts'

interface BackfillFormProps {
  readonly asset: string
  readonly location: string
  readonly partition: string
  /** Names of the dimensions, where it is a grid. */
  readonly dims: readonly string[]
  /** Has it assets that it is made from, or that are made from it? */
  readonly around: Around
  readonly close: () => void
}

export interface Around {
  readonly upstream: boolean
  readonly downstream: boolean
}

/** Many runs for the partitions that are chosen: what they would be is said before they are made. */
export function BackfillForm({ asset, location, partition, dims, around, close }: BackfillFormProps) {
  const navigate = useNavigate()
  const [reach, setReach] = useState<Reach>('asset')
  const [policy, setPolicy] = useState('one')
  const [keys, setKeys] = useState('10')
  const [atOnce, setAtOnce] = useState('')
  const request: BackfillRequest = {
    target: targetOf(asset, reach),
    location,
    partition,
    policy: policyOf(policy, Number(keys)),
    ...(Number(atOnce) > 0 && { concurrency: Number(atOnce) }),
  }
  // Typed letter by letter it is asked for when there is time.
  const plan = useQuery(planQuery(useDeferredValue(request)))
  const create = useMutation({
    mutationFn: async () => await client.backfills.create({ body: request }),
    onSuccess: async ({ backfill: { id } }) => await navigate({ to: '/backfills/$backfill', params: { backfill: id } }),
  })
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    create.mutate()
  }
  return (
    <form
      aria-label="Backfill"
      onSubmit={submit}
      className="mt-3 flex flex-col gap-2 rounded-md border border-accent bg-canvas p-3"
    >
      <p className="min-w-0">
        Backfill <code className="font-mono text-xs break-all">{partition}</code>
      </p>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        {around.upstream || around.downstream ? (
          <label className="flex items-center gap-2 text-muted">
            Of
            <select
              value={reach}
              onChange={({ target }) => setReach(target.value as Reach)}
              className="field text-text"
            >
              <option value="asset">this asset</option>
              {around.downstream ? <option value="downstream">it and what is made from it</option> : null}
              {around.upstream ? <option value="upstream">it and what it is made from</option> : null}
            </select>
          </label>
        ) : null}
        <label className="flex items-center gap-2 text-muted">
          A run makes
          <select value={policy} onChange={({ target }) => setPolicy(target.value)} className="field text-text">
            <option value="one">one partition</option>
            <option value="several">several partitions</option>
            <option value="all">all of them</option>
            {dims.map((name) => (
              <option key={name} value={`by ${name}`}>
                all of one {name}
              </option>
            ))}
          </select>
        </label>
        {policy === 'several' ? (
          <label className="flex items-center gap-2 text-muted">
            Partitions in a run
            <input
              type="number"
              required
              min={1}
              max={10_000}
              value={keys}
              onChange={({ target }) => setKeys(target.value)}
              className="field w-20 text-text"
            />
          </label>
        ) : null}
        <label className="flex items-center gap-2 text-muted">
          Runs at once
          <input
            type="number"
            min={1}
            placeholder="as there is room"
            value={atOnce}
            onChange={({ target }) => setAtOnce(target.value)}
            className="field w-36 text-text"
          />
        </label>
      </div>
      {plan.error ? <Problem error={plan.error} /> : null}
      <p role="status" className={plan.isFetching ? 'text-muted' : ''}>
        {plan.data ? planText(plan.data) : plan.error ? '' : 'Counting…'}
      </p>
      {create.error ? <Problem error={create.error} /> : null}
      <div className="flex gap-2">
        <Button
          look="main"
          type="submit"
          disabled={create.isPending || !plan.data || plan.isError}
          icon={<Layers size={14} aria-hidden />}
        >
          Start the backfill
        </Button>
        <Button onClick={close}>Close</Button>
      </div>
    </form>
  )
}

type Reach = 'asset' | keyof Around

function targetOf(asset: string, reach: Reach): string {
  if (reach === 'asset') return asset
  const key = printSelection({ kind: 'attribute', attribute: 'key', value: asset })
  return reach === 'downstream' ? `${key}+` : `+${key}`
}

function policyOf(policy: string, keys: number): NonNullable<BackfillRequest['policy']> {
  if (policy.startsWith('by ')) return { by: policy.slice(3) }
  if (policy === 'all') return { keys: 'all' }
  return { keys: policy === 'several' && keys >= 1 ? Math.floor(keys) : 1 }
}

type Plan = Awaited<ReturnType<typeof client.backfills.plan>>

/** `480 partitions in 48 runs, about 12 min`. */
function planText({ backfill: { slices, left }, runs, waves, leftOut }: Plan): string {
  const parts = [
    `${countOf(slices, 'partition')} in ${countOf(runs, 'run')}`,
    waves > 1 ? `up to ${waves} one after another` : '',
    left === null ? 'how long is not known yet' : `about ${duration(left)}`,
    leftOut > 0 ? `${countOf(leftOut, 'is', 'are')} left out, as what they need does not exist` : '',
  ]
  return `${parts.filter((one) => one !== '').join(', ')}.`
}
