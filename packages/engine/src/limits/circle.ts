import type { LimitClaim } from '@sluice/core'
import type { Store } from '../store/ports.ts'

type Place = Pick<LimitClaim, 'name' | 'key'>
type Holder = { readonly run: string; readonly step: number }

interface Waiting extends Holder {
  readonly limit: Place
}

/** Who holds and who waits, as it is now. `path`: the steps above a step, itself included, up to 0. */
export interface Standing {
  holders(limit: Place): Promise<readonly Holder[]>
  waiting(run: string): Promise<readonly Waiting[]>
  path(of: Holder): Promise<readonly number[]>
}

/**
 * The runs of a circle of waits, where `mine` can never go on: everybody who holds what it waits for has a step inside
 * that waits for somebody of the circle. `null` where somebody in it can go on, or where another one of the circle is
 * the one to give up (the newest: the least is lost).
 */
export async function circleOf(mine: Waiting, standing: Standing): Promise<readonly string[] | null> {
  const seen = new Map<string, { readonly one: Waiting; stuck: boolean }>()
  const isStuck = async (one: Waiting): Promise<boolean> => {
    const id = `${one.run} ${one.step} ${one.limit.name} ${one.limit.key ?? ''}`
    const known = seen.get(id)
    if (known) return known.stuck
    // Until something else is found: a circle is what has no way out.
    const mark = { one, stuck: true }
    seen.set(id, mark)
    const holders = await standing.holders(one.limit)
    for (const holder of holders) if (mark.stuck && !(await isHeldUp(holder))) mark.stuck = false
    if (holders.length === 0) mark.stuck = false
    return mark.stuck
  }
  /** Some step inside of it waits for what it will never get. */
  const isHeldUp = async (holder: Holder): Promise<boolean> => {
    for (const inside of await standing.waiting(holder.run))
      if ((await standing.path(inside)).includes(holder.step) && (await isStuck(inside))) return true
    return false
  }
  if (!(await isStuck(mine))) return null
  const all = [...seen.values()].flatMap(({ one, stuck }) => (stuck ? [one] : []))
  const isNewest = all.every(({ run, step }) => run < mine.run || (run === mine.run && step <= mine.step))
  return isNewest ? [...new Set(all.map(({ run }) => run))].toSorted() : null
}

/** The same, asked of the store. */
export async function findCircle(store: Store, mine: Waiting): Promise<readonly string[] | null> {
  const waiting = await store.slots.waiting({ limit: 1000 })
  const all = waiting.map(({ run, step, name, key }) => ({ run, step, limit: { name, key } }))
  return circleOf(mine, {
    holders: ({ name, key }) => store.slots.held({ name, key, limit: 1000 }),
    waiting: (run) => Promise.resolve(all.filter((one) => one.run === run)),
    async path({ run, step }) {
      const path = [step]
      for (let at = step; at !== 0;) {
        const parent = (await store.steps.get(run, at))?.parent
        if (parent === undefined) break // not told of yet: looked at again later
        path.push((at = parent))
      }
      return path
    },
  })
}
