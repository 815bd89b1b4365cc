import { useSyncExternalStore } from 'react'

// As `md:` in classes.
const narrow = matchMedia('(width < 48rem)')

/** Is the window as narrow as a phone? For what is measured rather than styled. */
export const useNarrow = (): boolean =>
  useSyncExternalStore(
    (changed) => {
      narrow.addEventListener('change', changed)
      return () => narrow.removeEventListener('change', changed)
    },
    () => narrow.matches,
  )
