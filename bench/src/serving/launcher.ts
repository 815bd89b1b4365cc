import { type Dev, listen } from './dev.ts'

/** The events with which a run is over. */
const ends = new Set(['run.succeeded', 'run.failed', 'run.crashed', 'run.canceled'])

export interface Launcher {
  /** Launches a run by the API, and gives the milliseconds until its end was told of. */
  launch(target: string): Promise<number>
  stop(): void
}

export async function openLauncher(dev: Dev): Promise<Launcher> {
  const ended = new Map<string, () => void>()
  const stop = await listen(dev.url, (type, data) => {
    if (ends.has(type)) ended.get((JSON.parse(data) as { run: string }).run)?.()
  })
  return {
    stop,
    async launch(target) {
      const began = performance.now()
      const over = Promise.withResolvers<void>()
      const { run } = await dev.post<{ run: { id: string } }>('/runs', { target })
      ended.set(run.id, over.resolve)
      // It may have ended before anybody listened.
      const { run: now } = await dev.get<{ run: { endedAt: number | null } }>(`/runs/${run.id}`)
      if (now.endedAt !== null) return performance.now() - began
      const late = setTimeout(() => over.reject(new Error(`${target} did not end within 2 minutes`)), 120_000)
      await over.promise.finally(() => clearTimeout(late))
      ended.delete(run.id)
      return performance.now() - began
    },
  }
}
