import { type Materialization, decode } from '@sluice/core'
import { useQuery } from '@tanstack/react-query'
import { Button } from '../elements/button.tsx'
import { Problem } from '../elements/note.tsx'
import { countOf } from '../elements/numbers.ts'
import { Panel } from '../elements/panel.tsx'
import { client } from '../frame/client.ts'
import { encodedText } from '../values/value-text.ts'
import { ValueText } from '../values/value-view.tsx'
import { Rows } from './metadata-view.tsx'

interface PreviewPanelProps {
  readonly name: string
  readonly latest: Materialization | null
  /** A single partition that is chosen; else it is the one that was made last. */
  readonly chosen: string | undefined
}

/** Its first rows: asked for by a person, as a worker has to read them. */
export function PreviewPanel({ name, latest, chosen }: PreviewPanelProps) {
  const partition = chosen ?? latest?.partition ?? null
  const { data, error, refetch, isFetching } = useQuery({
    queryKey: ['asset', name, 'preview', partition, latest?.id ?? 0],
    queryFn: ({ signal }) =>
      client.assets.preview({ asset: name, limit: 20, ...(partition !== null && { partition }) }, { signal }),
    enabled: false,
    retry: false,
  })
  if (latest === null) return null
  if (latest.value === null)
    return (
      <Panel title="Preview">
        <p className="text-muted">There are no rows to read: nothing that it returned is stored.</p>
      </Panel>
    )
  return (
    <Panel
      title="Preview"
      aside={
        <Button look="quiet" disabled={isFetching} onClick={() => void refetch()}>
          {isFetching ? 'A worker reads it…' : data ? 'Read again' : 'Read the first rows'}
        </Button>
      }
    >
      {error ? <Problem error={error} /> : null}
      {data ? (
        <Sample data={data} />
      ) : (
        <p className="text-muted">
          {partition === null ? 'Of its newest value.' : `Of ${partition}${chosen === undefined ? ', made last' : ''}.`}
        </p>
      )}
    </Panel>
  )
}

function Sample({ data }: { readonly data: Awaited<ReturnType<typeof client.assets.preview>> }) {
  if (data.shape === 'value') return <ValueText label="Value" text={encodedText(data.value)} />
  const rows = decode(data.rows) as readonly Record<string, unknown>[]
  return (
    <>
      <Rows rows={rows} />
      {data.total === null ? null : (
        <p className="mt-1 text-muted">
          {rows.length} of {countOf(data.total, 'row')}
        </p>
      )}
    </>
  )
}
