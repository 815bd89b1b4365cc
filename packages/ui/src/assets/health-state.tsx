import type { Health } from '@sluice/core'
import { CircleCheck, CircleHelp, CircleX, TriangleAlert } from 'lucide-react'

const looks = {
  healthy: { icon: CircleCheck, text: 'text-good' },
  warning: { icon: TriangleAlert, text: 'text-warn' },
  degraded: { icon: CircleX, text: 'text-bad' },
  unknown: { icon: CircleHelp, text: 'text-wait' },
} as const

/** How an asset does, as an icon and a word. */
export function HealthState({ health }: { readonly health: Health }) {
  const { icon: Icon, text } = looks[health]
  return (
    <span className={`inline-flex items-center gap-1.5 align-bottom whitespace-nowrap ${text}`}>
      <Icon size={14} aria-hidden /> {health}
    </span>
  )
}
