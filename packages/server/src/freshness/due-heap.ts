/** What is due when, the earliest first: a look at what is due costs nothing where nothing is, however much there is. */
export interface DueHeap {
  /** In the place of what was set for it before; `null`: never. */
  set(key: string, at: number | null): void
  /** Takes out what is due at `now`. */
  take(now: number): readonly string[]
}

interface Item {
  readonly key: string
  readonly at: number
}

/** A binary heap. What was set again stays in it until its turn comes, and counts no more. */
export function openDueHeap(): DueHeap {
  const due = new Map<string, number>()
  const heap: Item[] = []
  const swap = (a: number, b: number): void => void ([heap[a], heap[b]] = [heap[b]!, heap[a]!])
  const up = (from: number): void => {
    for (let at = from; at > 0;) {
      const parent = (at - 1) >> 1
      if (heap[parent]!.at <= heap[at]!.at) return
      swap(at, parent)
      at = parent
    }
  }
  const down = (): void => {
    for (let at = 0; ;) {
      const [left, right] = [2 * at + 1, 2 * at + 2]
      let least = at
      if (left < heap.length && heap[left]!.at < heap[least]!.at) least = left
      if (right < heap.length && heap[right]!.at < heap[least]!.at) least = right
      if (least === at) return
      swap(at, least)
      at = least
    }
  }
  const pop = (): Item => {
    swap(0, heap.length - 1)
    const first = heap.pop()!
    down()
    return first
  }
  return {
    set(key, at) {
      if (at === null) return void due.delete(key)
      if (due.get(key) === at) return
      due.set(key, at)
      heap.push({ key, at })
      up(heap.length - 1)
    },
    take(now) {
      const taken: string[] = []
      while (heap.length > 0 && heap[0]!.at <= now) {
        const { key, at } = pop()
        if (due.get(key) !== at) continue
        due.delete(key)
        taken.push(key)
      }
      return taken
    },
  }
}
