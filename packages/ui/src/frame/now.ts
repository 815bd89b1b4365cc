import { useSyncExternalStore } from 'react'

const heard = new Set<() => void>()
let now = Date.now()
let timer: ReturnType<typeof setInterval> | undefined

function tick(): void {
  if (document.hidden) return
  now = Date.now()
  for (const one of heard) one()
}
document.addEventListener('visibilitychange', tick)

function listen(changed: () => void): () => void {
  heard.add(changed)
  timer ??= setInterval(tick, 1000)
  return () => {
    heard.delete(changed)
    if (heard.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

/** Milliseconds since 1970, a new one each second while the page is seen: one timer for all that counts. */
export const useNow = (): number =>
  useSyncExternalStore(listen, () => {
    // Before anybody listens the last one is old.
    if (timer === undefined && Date.now() - now > 1000) now = Date.now()
    return now
  })
