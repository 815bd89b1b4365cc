const made = new WeakMap<object, { readonly run: string; readonly step: number }>()
let any = false

/** Remembers which step an object came from: an argument that is it, or contains it, is an edge. */
export function remember(value: unknown, run: string, step: number): void {
  if (typeof value !== 'object' || value === null) return
  made.set(value, { run, step })
  any = true
}

/** To be called with each object of an argument; collects the steps of the run that they came from. */
export function resultsIn(run: string, upstream: number[]): ((value: object) => void) | undefined {
  if (!any) return undefined
  return (value) => {
    const from = made.get(value)
    if (from?.run === run && !upstream.includes(from.step)) upstream.push(from.step)
  }
}
