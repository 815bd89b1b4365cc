import { useEffect, useRef } from 'react'
import { settings } from './settings.ts'

/** `g r`: within this many milliseconds. */
const patience = 1_200

export type Keys = Readonly<Record<string, (event: KeyboardEvent) => void>>

const types = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName))

/**
 * Keys of the page: `'j'`, `'g r'` (one after another), `'mod+k'` (Ctrl, or the command key). Single ones count only
 * where nothing is being typed, no dialog is open, and the person did not switch them off.
 */
export function useKeys(keys: Keys): void {
  const latest = useRef(keys)
  useEffect(() => {
    latest.current = keys
  })
  useEffect(() => {
    let first = ''
    let at = 0
    const hear = (event: KeyboardEvent): void => {
      const { key } = event
      if (event.ctrlKey || event.metaKey) {
        if (!event.altKey) call(`mod+${key.toLowerCase()}`, event)
        return
      }
      if (event.altKey || types(event.target) || !settings().keys || document.querySelector('dialog[open]')) return
      const both = Date.now() - at < patience ? `${first} ${key}` : ''
      first = key
      at = Date.now()
      if (both !== '' && call(both, event)) first = ''
      else call(key, event)
    }
    const call = (name: string, event: KeyboardEvent): boolean => {
      const does = latest.current[name]
      if (!does) return false
      event.preventDefault()
      does(event)
      return true
    }
    addEventListener('keydown', hear)
    return () => removeEventListener('keydown', hear)
  }, [])
}

/** Moves the focus among the rows of the list on the page: `a[data-row]`, in their order. */
export function moveRow(by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>('main [data-row]')]
  const at = rows.indexOf(document.activeElement as HTMLElement)
  const next = rows[at < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, at + by))]
  next?.focus()
  next?.scrollIntoView({ block: 'nearest' })
}
