import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../elements/button.tsx'
import { Problem } from '../elements/note.tsx'
import { Panel } from '../elements/panel.tsx'
import { Time } from '../elements/time.tsx'
import { valueText } from '../values/value-text.ts'
import { definitionsQuery } from './queries.ts'

interface DefinitionChangesProps {
  readonly asset: string
  readonly location: string
}

const words = { added: 'came', removed: 'went', changed: 'changed' } as const

/** In which versions of the code its definition came, changed or went, and what changed. Read when it is asked for. */
export function DefinitionChanges({ asset, location }: DefinitionChangesProps) {
  const [open, setOpen] = useState(false)
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetching } = useInfiniteQuery({
    ...definitionsQuery(asset, location),
    enabled: open,
  })
  const versions = data?.pages.flatMap((page) => page.versions) ?? []
  return (
    <Panel title="Definition changes">
      <Button aria-expanded={open} onClick={() => setOpen(!open)}>
        {open ? 'Hide the changes' : 'Show the changes'}
      </Button>
      {error ? <Problem error={error} retry={() => void refetch()} /> : null}
      {open && data && versions.length === 0 ? (
        <p className="mt-2 text-muted">It is the same in all of these.</p>
      ) : null}
      <ol className="mt-2 flex flex-col gap-3">
        {open
          ? versions.map(({ version, createdAt, git, what, changes }) => (
              <li key={version}>
                <p className="flex flex-wrap gap-x-3">
                  <span className="font-medium">{words[what]}</span>
                  <Time at={createdAt} />
                  <code className="font-mono text-xs text-muted">
                    {git === null
                      ? version.slice(0, 12)
                      : `${git.commit.slice(0, 8)}${git.dirty ? ', with changes' : ''}`}
                  </code>
                </p>
                {changes.length > 0 ? (
                  <dl className="mt-1 flex flex-col gap-1">
                    {changes.map(({ field, before, after }) => (
                      <div key={field} className="min-w-0">
                        <dt className="font-mono text-xs text-muted">{field}</dt>
                        <dd className="font-mono text-xs [overflow-wrap:anywhere]">
                          <del className="text-bad no-underline before:content-['−_']">{said(before)}</del>
                          <br />
                          <ins className="text-good no-underline before:content-['+_']">{said(after)}</ins>
                        </dd>
                      </div>
                    ))}
                  </dl>
                ) : null}
              </li>
            ))
          : null}
      </ol>
      {open && hasNextPage ? (
        <Button className="mt-2" disabled={isFetching} onClick={() => void fetchNextPage()}>
          Older versions of the code
        </Button>
      ) : null}
    </Panel>
  )
}

const said = (value: unknown): string => (value === null ? 'nothing' : valueText(value))
