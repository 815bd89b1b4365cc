import {
  Activity,
  Boxes,
  CalendarClock,
  House,
  Layers,
  type LucideIcon,
  ListTree,
  Play,
  Server,
  Settings,
} from 'lucide-react'

export interface Place {
  readonly to:
    | '/'
    | '/runs'
    | '/assets'
    | '/flows'
    | '/automations'
    | '/backfills'
    | '/events'
    | '/workers'
    | '/settings'
  readonly word: string
  readonly icon: LucideIcon
  /** After `g`. */
  readonly key: string
}

/** The places of the app, in their order. */
export const places: readonly Place[] = [
  { to: '/', word: 'Home', icon: House, key: 'h' },
  { to: '/runs', word: 'Runs', icon: ListTree, key: 'r' },
  { to: '/assets', word: 'Assets', icon: Boxes, key: 'a' },
  { to: '/flows', word: 'Flows', icon: Play, key: 'f' },
  { to: '/automations', word: 'Automations', icon: CalendarClock, key: 't' },
  { to: '/backfills', word: 'Backfills', icon: Layers, key: 'b' },
  { to: '/events', word: 'Events', icon: Activity, key: 'e' },
  { to: '/workers', word: 'Workers', icon: Server, key: 'w' },
  { to: '/settings', word: 'Settings', icon: Settings, key: 's' },
]
