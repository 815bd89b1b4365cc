import { useQuery } from '@tanstack/react-query'
import { Check, Minus, X } from 'lucide-react'
import { Problem } from '../elements/note.tsx'
import { Panel } from '../elements/panel.tsx'
import { Ago } from '../elements/time.tsx'
import { RunLink } from '../runs/run-link.tsx'
import { whyQuery } from './queries.ts'

const answers = {
  true: { icon: Check, color: 'text-good', word: 'holds' },
  false: { icon: X, color: 'text-bad', word: 'does not hold' },
  unasked: { icon: Minus, color: 'text-muted', word: 'was not asked' },
} as const

/** So deep is shown at once; what is below is the same in detail. */
const shallow = 1

interface WhyPanelProps {
  readonly asset: string
  /** A single key, where one is chosen. */
  readonly partition: string | undefined
}

/** Why its condition requests it, or does not: the answer in sentences, then each part of the condition. */
export function WhyPanel({ asset, partition }: WhyPanelProps) {
  const { data, error } = useQuery(whyQuery(asset, partition))
  if (error) return <Problem error={error} />
  if (!data || data.condition === null) return null
  const { condition, says, at, lines, requested } = data
  const line = ({ depth, answer, text }: (typeof lines)[number], nth: number) => {
    const { icon: Icon, color, word } = answers[answer]
    return (
      <li key={nth} className="flex items-start gap-2" style={{ paddingLeft: depth * 18 }}>
        <Icon size={14} aria-hidden className={`mt-0.5 shrink-0 ${color}`} />
        <span className="sr-only">{word}: </span>
        <span className={answer === 'unasked' ? 'text-muted' : ''}>{text}</span>
      </li>
    )
  }
  const deep = lines.length > lines.filter(({ depth }) => depth <= shallow).length
  return (
    <Panel
      title={`Why: ${condition.label}`}
      aside={
        <>
          {condition.paused ? <span className="text-warn">paused</span> : null}
          {at === null ? null : <Ago at={at} />}
        </>
      }
    >
      {says.map((text) => (
        <p key={text} className="font-medium">
          {text}
        </p>
      ))}
      {requested?.run ? (
        <p className="text-muted">
          Requested <Ago at={requested.at} />: <RunLink run={requested.run} />
        </p>
      ) : null}
      {requested?.error ? <Problem error={new Error(requested.error.message)} /> : null}
      <ul className="mt-2 flex flex-col gap-0.5">{lines.filter(({ depth }) => depth <= shallow).map(line)}</ul>
      {deep ? (
        <details className="mt-2">
          <summary className="w-fit text-muted">All {lines.length} parts</summary>
          <ul className="mt-1 flex flex-col gap-0.5">{lines.map(line)}</ul>
        </details>
      ) : null}
    </Panel>
  )
}
