import type { AssetSnapshot, CheckResult } from '@sluice/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { metadataText } from '../assets/metadata-text.ts'
import { Button } from '../elements/button.tsx'
import { ListTable } from '../elements/list-table.tsx'
import { Problem } from '../elements/note.tsx'
import { Panel } from '../elements/panel.tsx'
import { Ago, Time } from '../elements/time.tsx'
import { RunLink } from '../runs/run-link.tsx'
import { CheckState } from './check-state.tsx'
import { checkHistoryQuery } from './queries.ts'

interface ChecksPanelProps {
  readonly asset: string
  readonly definitions: AssetSnapshot['checks']
  /** The newest result of each. */
  readonly results: readonly CheckResult[]
  /** The newest of each check and partition that did not pass. */
  readonly failed: readonly CheckResult[]
}

/** What tests the data: what each came to last, and before. */
export function ChecksPanel({ asset, definitions, results, failed }: ChecksPanelProps) {
  const [open, setOpen] = useState<string | null>(null)
  const names = [...new Set([...definitions.map(({ name }) => name), ...results.map(({ check }) => check)])]
  if (names.length === 0) return null
  return (
    <Panel title="Checks">
      <ul className="flex flex-col gap-2">
        {names.map((name) => {
          const newest = results.find(({ check }) => check === name)
          const bad = failed.filter(({ check, partition }) => check === name && partition !== newest?.partition)
          const definition = definitions.find((one) => one.name === name)
          return (
            <li key={name}>
              <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
                {newest ? <CheckState of={newest} /> : <span className="text-muted">not run yet</span>}
                <span className="font-medium">{name}</span>
                {definition?.blocking ? <span className="text-muted">blocks what follows</span> : null}
                {newest ? (
                  <span className="text-muted">
                    {newest.partition} <Ago at={newest.at} />
                  </span>
                ) : null}
                {bad.length > 0 ? (
                  <span className="text-bad">and not of {bad.map(({ partition }) => partition).join(', ')}</span>
                ) : null}
                <span className="flex-1" />
                <Button
                  look="quiet"
                  aria-expanded={open === name}
                  aria-label={`History of ${name}`}
                  onClick={() => setOpen(open === name ? null : name)}
                >
                  History
                </Button>
              </div>
              {open === name ? <History asset={asset} check={name} /> : null}
            </li>
          )
        })}
      </ul>
    </Panel>
  )
}

function History({ asset, check }: { readonly asset: string; readonly check: string }) {
  const { data, error } = useQuery(checkHistoryQuery(asset, check))
  if (error) return <Problem error={error} />
  if (!data) return <p className="text-muted">Reading…</p>
  return (
    <div className="max-h-56 overflow-auto" tabIndex={0} role="region" aria-label={`Results of ${check}`}>
      <ListTable
        label={`Results of ${check}`}
        rows={data.results}
        keyOf={({ id }) => String(id)}
        columns={[
          { head: 'Result', cell: (one) => <CheckState of={one} /> },
          { head: 'When', cell: ({ at }) => <Time at={at} /> },
          { head: 'Partition', cell: ({ partition }) => partition },
          { head: 'Facts', cell: ({ metadata }) => metadataText(metadata), className: 'text-muted' },
          { head: 'Run', cell: ({ run }) => <RunLink run={run} /> },
        ]}
      />
      {data.next === null ? null : <p className="text-muted">The newest {data.results.length}.</p>}
    </div>
  )
}
