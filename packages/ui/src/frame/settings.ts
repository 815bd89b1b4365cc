import { useSyncExternalStore } from 'react'
import type { Zone } from '../elements/time-text.ts'

/** What a person has set in this browser. Nothing of it changes what a link shows but how it is drawn. */
export interface Settings {
  readonly theme: 'system' | 'light' | 'dark'
  readonly zone: Zone
  /** May a single key do something (WCAG 2.1.4)? */
  readonly keys: boolean
  /** An owner that is this person, and one that is their team; empty: not said. */
  readonly me: string
  readonly team: string
}

const usual: Settings = { theme: 'system', zone: 'local', keys: true, me: '', team: '' }
const place = 'sluice'
const heard = new Set<() => void>()
let current = read()

function read(): Settings {
  try {
    return { ...usual, ...(JSON.parse(localStorage.getItem(place) ?? '{}') as Partial<Settings>) }
  } catch {
    return usual
  }
}

/** Marks the page, so that its style is the one that was chosen. */
export function applyTheme(): void {
  if (current.theme === 'system') document.documentElement.removeAttribute('data-theme')
  else document.documentElement.dataset['theme'] = current.theme
}

export function changeSettings(change: Partial<Settings>): void {
  current = { ...current, ...change }
  try {
    localStorage.setItem(place, JSON.stringify(current))
  } catch {
    // A browser that keeps nothing still has it until the page is closed.
  }
  told()
}

function told(): void {
  applyTheme()
  for (const one of heard) one()
}

// Other tabs follow.
addEventListener('storage', ({ key }) => {
  if (key !== place) return
  current = read()
  told()
})

export const settings = (): Settings => current

export const useSettings = (): Settings =>
  useSyncExternalStore((changed) => {
    heard.add(changed)
    return () => heard.delete(changed)
  }, settings)

const dark = matchMedia('(prefers-color-scheme: dark)')

/** The theme that is drawn now: for what is painted rather than styled. */
export function useTheme(): 'light' | 'dark' {
  const { theme } = useSettings()
  const system = useSyncExternalStore(
    (changed) => {
      dark.addEventListener('change', changed)
      return () => dark.removeEventListener('change', changed)
    },
    () => dark.matches,
  )
  return theme === 'system' ? (system ? 'dark' : 'light') : theme
}
