import { useMutation, useQuery } from '@tanstack/react-query'
import { Link, getRouteApi } from '@tanstack/react-router'
import { Ban, Pause, Play, RotateCw } from 'lucide-react'
import { Button } from '../elements/button.tsx'
import { CopyButton } from '../elements/copy.tsx'
import { ListTable } from '../elements/list-table.tsx'
import { Loading, Problem } from '../elements/note.tsx'
import { Facts, PageHeader, Panel } from '../elements/panel.tsx'
import { State } from '../elements/state.tsx'
import { duration } from '../elements/time-text.ts'
import { Lasted, Time } from '../elements/time.tsx'
import { client } from '../frame/client.ts'
import { usePageTitle } from '../frame/page-title.ts'
import { queries } from '../frame/queries.ts'
import { valueText } from '../values/value-text.ts'
import { Progress } from './progress.tsx'
import { type Backfill, backfillQuery, failedSlicesQuery, isOpen } from './queries.ts'
import { RunsAtOnce } from './runs-at-once.tsx'

const route = getRouteApi('/backfills/$backfill')

/** One backfill: how far it is, by part, and what failed. */
export function BackfillPage() {
  const { backfill: id } = route.useParams()
  const { data, error, refetch } = useQuery(backfillQuery(id))
  usePageTitle(data ? `Backfill of ${data.backfill.target}` : 'Backfill')
  if (!data) return error ? <Problem error={error} retry={() => void refetch()} /> : <Loading what="the backfill" />
  const { backfill } = data
  const { policy, left } = backfill
  return (
    <>
      <PageHeader
        title={
          <span className="flex items-center gap-3">
            <span className="truncate">{backfill.target}</span>
            <span className="text-sm font-normal">
              <State state={backfill.state} />
            </span>
          </span>
        }
      >
        <Actions backfill={backfill} />
      </PageHeader>
      <div className="grid items-start gap-3 p-3 lg:grid-cols-[minmax(0,1fr)_340px]">
        <div className="flex min-w-0 flex-col gap-3">
          {error ? <Problem error={error} retry={() => void refetch()} /> : null}
          <Panel
            title="Progress"
            flush
            aside={left === null || !isOpen(backfill) ? '' : `about ${duration(left)} left`}
          >
            <ListTable
              label="Parts"
              rows={backfill.parts}
              keyOf={({ assets }) => assets.join('\n')}
              columns={[
                {
                  head: 'Makes',
                  cell: ({ assets }) =>
                    assets.length === 0
                      ? backfill.target
                      : assets.map((name) => (
                          <Link
                            key={name}
                            to="/assets/$"
                            params={{ _splat: name }}
                            className="mr-2 text-accent hover:underline"
                          >
                            {name}
                          </Link>
                        )),
                },
                { head: 'Progress', cell: (part) => <Progress of={part} /> },
              ]}
            />
          </Panel>
          <Failed backfill={backfill} />
        </div>
        <Panel title="This backfill">
          <Facts
            facts={[
              [
                'Id',
                <span key="it" className="flex items-center font-mono text-xs">
                  {backfill.id} <CopyButton label="Copy the id" text={backfill.id} />
                </span>,
              ],
              [
                'Partitions',
                <code key="it" className="font-mono text-xs break-words">
                  {backfill.partitions}
                </code>,
              ],
              ['All together', <Progress key="it" of={backfill} />],
              ['A run makes', 'keys' in policy ? `keys: ${valueText(policy.keys)}` : `all of one ${policy.by}`],
              ['Runs at once', <RunsAtOnce key="it" backfill={backfill} />],
              ['Runs', `${backfill.runs.open} open, ${backfill.runs.ended} ended`],
              ['Job', backfill.job],
              ['Location', backfill.location],
              ['Created', <Time key="at" at={backfill.createdAt} />],
              ['Took', <Lasted key="it" from={backfill.createdAt} to={backfill.endedAt} />],
            ]}
          />
        </Panel>
      </div>
    </>
  )
}

function Actions({ backfill }: { readonly backfill: Backfill }) {
  const { id, state, failed } = backfill
  const act = useMutation({
    mutationFn: async (name: 'pause' | 'resume' | 'cancel' | 'retry') => await client.backfills[name]({ backfill: id }),
    onSuccess: async () => await queries.invalidateQueries({ queryKey: ['backfills'] }),
  })
  const button = (name: Parameters<typeof act.mutate>[0], word: string, Icon: typeof Ban) => (
    <Button disabled={act.isPending} icon={<Icon size={14} aria-hidden />} onClick={() => act.mutate(name)}>
      {word}
    </Button>
  )
  return (
    <>
      {state === 'running' ? button('pause', 'Pause', Pause) : null}
      {state === 'paused' ? button('resume', 'Go on', Play) : null}
      {isOpen(backfill) && state !== 'canceling' ? button('cancel', 'Cancel', Ban) : null}
      {failed > 0 ? button('retry', 'Retry what failed', RotateCw) : null}
      {act.error ? <Problem error={act.error} /> : null}
    </>
  )
}

function Failed({ backfill }: { readonly backfill: Backfill }) {
  const { id, failed } = backfill
  const { data, error } = useQuery(failedSlicesQuery(id, failed))
  if (failed === 0) return null
  return (
    <Panel title="Failed" flush aside={data?.next == null ? '' : 'the first 100'}>
      {error ? <Problem error={error} /> : null}
      {data ? (
        <ListTable
          label="Failed"
          rows={data.slices}
          keyOf={({ assets, partition }) => `${assets.join()} ${partition}`}
          columns={[
            { head: 'Assets', cell: ({ assets }) => assets.join(', ') || backfill.target },
            { head: 'Partition', cell: ({ partition }) => partition, className: 'font-mono text-xs' },
            {
              head: 'Runs',
              cell: ({ assets }) => (
                <Link
                  to="/runs"
                  search={{
                    ...(assets.length > 0 ? { asset: assets[0]! } : { tag: `sluice/backfill=${backfill.id}` }),
                    states: ['failed', 'crashed'],
                  }}
                  className="text-accent hover:underline"
                >
                  Failed runs
                </Link>
              ),
            },
          ]}
        />
      ) : null}
    </Panel>
  )
}
