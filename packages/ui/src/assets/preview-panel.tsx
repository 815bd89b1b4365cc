import { type Materialization, decode } from '@sluice/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../elements/button.tsx'
import { Problem } from '../elements/note.tsx'
import { numberText } from '../elements/numbers.ts'
import { Panel } from '../elements/panel.tsx'
import { client } from '../frame/client.ts'
import { encodedText } from '../values/value-text.ts'
import { ValueText } from '../values/value-view.tsx'
import { Rows } from './metadata-view.tsx'
import { firstRows, moreRows, shownText } from './preview-rows.ts'

type Preview = Awaited<ReturnType<typeof client.assets.preview>>

interface PreviewPanelProps {
  readonly name: string
  readonly latest: Materialization | null
  /** A single partition that is chosen; else it is the one that was made last. */
  readonly chosen: string | undefined
}

/** Its first rows: asked for by a person, as a worker has to read them. */
export function PreviewPanel({ name, latest, chosen }: PreviewPanelProps) {
  const partition = chosen ?? latest?.partition ?? null
  // Not below the asset: what happens to it must not ask a worker again.
  const key = ['preview', name, partition, latest?.id ?? 0] as const
  // Of what: where something else is looked at, nobody has asked yet.
  const [asked, setAsked] = useState<{ readonly of: string; readonly most: number }>({ of: '', most: firstRows })
  const of = JSON.stringify(key)
  const most = asked.of === of ? asked.most : firstRows
  const { data, error, refetch, isFetching } = useQuery({
    queryKey: [...key, most],
    queryFn: ({ signal }) =>
      client.assets.preview({ asset: name, limit: most, ...(partition !== null && { partition }) }, { signal }),
    enabled: asked.of === of,
    placeholderData: (before, query) => (JSON.stringify(query?.queryKey.slice(0, -1)) === of ? before : undefined),
    staleTime: Infinity,
    retry: false,
  })
  if (latest === null) return null
  if (latest.value === null)
    return (
      <Panel title="Preview">
        <p className="text-muted">There are no rows to read: nothing that it returned is stored.</p>
      </Panel>
    )
  const ask = (): void => (asked.of === of ? void refetch() : setAsked({ of, most: firstRows }))
  return (
    <Panel
      title="Preview"
      aside={
        <Button look="quiet" disabled={isFetching} onClick={ask}>
          {isFetching ? 'A worker reads it…' : data ? 'Read again' : 'Read the first rows'}
        </Button>
      }
    >
      {error ? <Problem error={error} /> : null}
      {data ? (
        <Sample data={data} isBusy={isFetching} more={(next) => setAsked({ of, most: next })} />
      ) : (
        <p className="text-muted">
          {partition === null ? 'Of its newest value.' : `Of ${partition}${chosen === undefined ? ', made last' : ''}.`}
        </p>
      )}
    </Panel>
  )
}

interface SampleProps {
  readonly data: Preview
  readonly isBusy: boolean
  readonly more: (most: number) => void
}

function Sample({ data, isBusy, more }: SampleProps) {
  if (data.shape === 'value') return <ValueText label="Value" text={encodedText(data.value)} />
  const rows = decode(data.rows) as readonly Record<string, unknown>[]
  const next = moreRows(rows.length, data.total)
  return (
    <>
      <Rows rows={rows} />
      <p className="mt-1 flex items-center gap-2 text-muted">
        {shownText(rows.length, data.total)}
        {next === null ? null : (
          <Button look="quiet" disabled={isBusy} onClick={() => more(next)}>
            Show {numberText(next)}
          </Button>
        )}
      </p>
    </>
  )
}
