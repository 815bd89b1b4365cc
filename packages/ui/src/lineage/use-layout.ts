import { useEffect, useState } from 'react'
import type { Folded } from './graph.ts'
import type { Layout, LayoutAsked } from './layout.ts'
import { type Scene, askedOf, sceneOf } from './scene.ts'

/** Of this session: what was folded and unfolded before is there at once. */
const known = new Map<string, Layout>()
const mostKnown = 20

/** The worker that lays out, started with the first graph. */
let worker: Worker | null = null
let last = 0

function ask(asked: LayoutAsked, answer: (made: Layout) => void, fail: (cause: Error) => void): () => void {
  worker ??= new Worker(new URL('./layout-worker.ts', import.meta.url), { type: 'module' })
  const its = worker
  const ending = new AbortController()
  last += 1
  const id = last
  its.addEventListener(
    'message',
    ({ data }: MessageEvent<{ readonly id: number; readonly made: Layout }>) => {
      if (data.id !== id) return
      ending.abort()
      answer(data.made)
    },
    { signal: ending.signal },
  )
  its.addEventListener('error', ({ message }) => fail(new Error(`The graph was not laid out: ${message}`)), {
    signal: ending.signal,
  })
  its.postMessage({ id, asked })
  return () => ending.abort()
}

/** The same boxes and edges have the same layout, whatever state they are in. */
const shapeOf = ({ items, edges, clusters }: Folded): string =>
  [items.map(({ id, cluster }) => `${id}\t${cluster}`).join('\n'), edges.join(), clusters.length].join('\f')

/**
 * Where everything is; `null` until it is known for the first time. What was there before stays until the next is.
 * Each layout is a `measure` of the browser's timeline: `lineage.layout`.
 */
export function useScene(folded: Folded): { readonly scene: Scene | null; readonly error: Error | null } {
  const [made, setMade] = useState<{ shape: string; folded: Folded; layout: Layout } | null>(null)
  const [error, setError] = useState<Error | null>(null)
  const [scene, setScene] = useState<Scene | null>(null)
  useEffect(() => {
    const shape = shapeOf(folded)
    const before = made?.shape === shape ? made.layout : known.get(shape)
    const take = (layout: Layout): void => {
      known.delete(shape)
      known.set(shape, layout)
      if (known.size > mostKnown) known.delete(known.keys().next().value!)
      setMade({ shape, folded, layout })
      setScene(sceneOf(folded, layout))
    }
    if (before) return take(before)
    const start = performance.now()
    return ask(
      askedOf(folded),
      (layout) => {
        performance.measure('lineage.layout', { start, detail: { items: folded.items.length } })
        take(layout)
      },
      setError,
    )
    // What was made is only looked at.
  }, [folded])
  return { scene, error }
}
