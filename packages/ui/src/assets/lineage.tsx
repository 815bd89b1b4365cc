import { Link } from '@tanstack/react-router'
import { ArrowRight } from 'lucide-react'
import { Panel } from '../elements/panel.tsx'

interface LineageProps {
  readonly name: string
  readonly upstream: readonly string[]
  readonly downstream: readonly string[]
}

/** What it is made from, and what is made from it. */
export function Lineage({ name, upstream, downstream }: LineageProps) {
  return (
    <Panel title="Lineage">
      <div className="grid grid-cols-[minmax(0,1fr)_auto_minmax(0,1fr)_auto_minmax(0,1fr)] items-center gap-2">
        <Names label="Made from" names={upstream} none="nothing here" />
        <ArrowRight size={16} aria-hidden className="text-muted" />
        <p className="rounded-md border border-accent bg-chosen px-2.5 py-1.5 text-center font-semibold">
          <span title={name} className="line-clamp-3 break-words">
            {name}
          </span>
        </p>
        <ArrowRight size={16} aria-hidden className="text-muted" />
        <Names label="Used by" names={downstream} none="nothing" />
      </div>
    </Panel>
  )
}

function Names({
  label,
  names,
  none,
}: {
  readonly label: string
  readonly names: readonly string[]
  readonly none: string
}) {
  if (names.length === 0) return <p className="text-muted">{none}</p>
  return (
    <ul aria-label={label} className="flex max-h-48 flex-col gap-1 overflow-y-auto">
      {names.map((name) => (
        <li key={name}>
          <Link
            to="/assets/$"
            params={{ _splat: name }}
            className="block rounded-md border border-line px-2.5 py-1 break-words hover:border-accent hover:bg-hover"
          >
            {name}
          </Link>
        </li>
      ))}
    </ul>
  )
}
