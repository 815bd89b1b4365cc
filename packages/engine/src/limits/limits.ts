import { type Limit, type Run, SluiceError, rateOf } from '@sluice/core'
import type { Frame } from '../steps/frame.ts'

/** What limits steps wait for, and who holds them: of one process, or of all that share a store. */
export interface Limits {
  /** Takes one slot of each, in the order of their names; gives back what frees them. */
  take(frame: Frame, limits: readonly Limit[]): Promise<() => void>
  /** Takes slots for the code of a frame, whose steps count as inside until they are freed. */
  hold(frame: Frame, limit: Limit, slots: number): Promise<() => void>
}

type Named = { readonly name: string; readonly key?: string | null | undefined }

/** One text for a limit and its key. */
export const idOf = ({ name, key }: Named): string => ((key ?? undefined) === undefined ? name : `${name}\n${key}`)

/** What a run holds as a whole: its steps do not wait for it. */
export function heldByRun({ terms }: Run): Set<string> {
  const limits = terms?.limits ?? []
  return new Set(limits.flatMap((one) => ('rate' in one.options ? [] : [idOf(one)])))
}

/** How many it has; of a rate, how many at once after a pause. */
export const sizeOf = ({ options }: Limit): number =>
  'rate' in options ? Math.max(1, Math.floor(rateOf(options.rate).count)) : options.atOnce

/** Takes a slot of each in one order for everybody: two steps that want the same two limits never hold one each. */
export async function takeEach(
  frame: Frame,
  limits: readonly Limit[],
  take: (limit: Limit) => Promise<() => void>,
): Promise<() => void> {
  const releases: (() => void)[] = []
  const mine = new Set(frame.held)
  for (const limit of limits.toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1))) {
    // Re-entrant: a step inside a holder does not wait for it.
    if (mine.has(idOf(limit))) continue
    try {
      releases.push(await take(limit))
    } catch (error) {
      for (const release of releases) release()
      throw error
    }
    if (!('rate' in limit.options)) mine.add(idOf(limit))
  }
  Object.assign(frame, { held: mine })
  return () => {
    for (const release of releases) release()
  }
}

/** Takes slots for code of a frame, which is inside until it frees them. */
export async function holdIn(
  frame: Frame,
  limit: Limit,
  slots: number,
  take: () => Promise<() => void>,
): Promise<() => void> {
  const id = idOf(limit)
  const size = sizeOf(limit)
  if (!Number.isInteger(slots) || slots < 1 || slots > size)
    throw new SluiceError('LIMIT_INVALID', `Limit "${limit.name}" has ${size} slots; ${slots} were asked for.`)
  if (frame.held.has(id)) return () => {}
  const release = await take()
  if ('rate' in limit.options) return release
  Object.assign(frame, { held: new Set([...frame.held, id]) })
  return () => {
    Object.assign(frame, { held: new Set([...frame.held].filter((one) => one !== id)) })
    release()
  }
}
