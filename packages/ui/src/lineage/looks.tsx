import { CircleDotDashed, ExternalLink, type LucideIcon } from 'lucide-react'
import { partitionLooks } from '../partitions/partition-state.tsx'
import { states } from '../elements/state.tsx'
import type { Look } from './graph.ts'

/** One icon, one word and one colour for each look. */
export const looks: Readonly<
  Record<Look, { readonly icon: LucideIcon; readonly word: string; readonly text: string }>
> = {
  ...states,
  'in progress': { ...partitionLooks['in progress'], word: 'in progress' },
  failed: states.failed,
  stale: { ...partitionLooks.stale, word: 'stale' },
  fresh: { ...partitionLooks.fresh, word: 'fresh' },
  missing: { ...partitionLooks.missing, word: 'missing' },
  external: { icon: ExternalLink, word: 'made elsewhere', text: 'text-skip' },
  none: { icon: CircleDotDashed, word: 'not begun', text: 'text-wait' },
}

export function LookIcon({ look, size = 14 }: { readonly look: Look; readonly size?: number }) {
  const { icon: Icon, text } = looks[look]
  return <Icon size={size} aria-hidden className={`shrink-0 ${text}`} />
}
