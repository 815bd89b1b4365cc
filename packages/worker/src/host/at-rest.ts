import type { Rest } from '../messages.ts'

/** Called when the code is loaded; the result tells what has been left behind since. */
export function watchRest(): () => Promise<Rest> {
  const before = countEach(process.getActiveResourcesInfo())
  const loaded = process.memoryUsage.rss()
  return async () => {
    // What was closed just now is gone after a turn of the event loop.
    for (let turns = 0; turns < 2; turns++) await new Promise((resolve) => setImmediate(resolve))
    const now = countEach(process.getActiveResourcesInfo())
    const left = [...now].filter(([kind, count]) => count > (before.get(kind) ?? 0)).map(([kind]) => kind)
    return { left, memory: { loaded, now: process.memoryUsage.rss() } }
  }
}

function countEach(kinds: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const kind of kinds) if (!passing.has(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return counts
}

/** Come and go by themselves: what is being written, read or waited for in this turn. */
const passing = new Set(['Immediate', 'WriteWrap', 'PipeConnectWrap', 'FSReqCallback', 'FSReqPromise'])
