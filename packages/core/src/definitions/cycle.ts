import type { AnyAsset } from '../assets/asset.ts'
import { SluiceError } from '../errors/sluice-error.ts'
import { upstreamOf } from './upstream.ts'

/**
 * Refuses a circle, naming its path. Depth first with a stack of its own: a chain of 20,000 assets is no recursion.
 * An edge to an earlier slice of the asset itself is no circle.
 */
export function assertNoCycle(assets: ReadonlyMap<string, AnyAsset>): void {
  const done = new Set<string>()
  const path: string[] = []
  const onPath = new Set<string>()
  for (const start of assets.keys()) {
    const stack: { name: string; next: readonly string[]; index: number }[] = []
    const enter = (name: string): void => {
      path.push(name)
      onPath.add(name)
      stack.push({ name, next: before(assets.get(name)), index: 0 })
    }
    if (!done.has(start)) enter(start)
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const name = top.next[top.index++]
      if (name === undefined) {
        done.add(top.name)
        onPath.delete(top.name)
        path.pop()
        stack.pop()
      } else if (onPath.has(name)) {
        const circle = [...path.slice(path.indexOf(name)), name]
        throw new SluiceError('ASSET_CYCLE', `These assets depend on each other in a circle: ${circle.join(' → ')}.`, {
          hint: 'Remove one of these edges. To read an earlier partition of the asset itself, use self<T>().at(-1).',
          data: { path: circle, places: [assets.get(name)?.place()] },
        })
      } else if (!done.has(name)) enter(name)
    }
  }
}

function before(asset: AnyAsset | undefined): readonly string[] {
  if (!asset) return []
  // What one step makes together is one node: what any of them needs, all of them need.
  const together = asset.multi ? Object.values(asset.multi().outputs) : [asset]
  return together.flatMap((each) => upstreamOf(each).flatMap((up) => (up.self ? [] : [up.asset.name])))
}
