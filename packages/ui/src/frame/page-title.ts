import { useEffect } from 'react'

/** The title of the browser's tab: what it is, then who. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Sluice`
  }, [title])
}
