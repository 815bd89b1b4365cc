import { type Domain, type Spans, setOf, sets } from '@sluice/core'

/** What is compared to see whether the numbers of a domain are still the same. */
type Same = readonly (readonly [names: unknown, from: number, to: number])[]

/**
 * Keys of slices, of which a set is asked for again and again while few are added. Kept as numbers: of slices by the clock
 * for good, of names as long as the names are the same. The key '' is the whole of an asset that is not partitioned.
 */
export class SliceKeys {
  readonly #keys: Set<string>
  #known: { readonly domain: Domain; readonly same: Same; set: Spans } | null = null

  constructor(keys: Iterable<string> = []) {
    this.#keys = new Set(keys)
  }

  has(key: string): boolean {
    return this.#keys.has(key)
  }

  add(key: string): void {
    if (this.#keys.has(key)) return
    this.#keys.add(key)
    if (this.#known) this.#known.set = sets.union(this.#known.set, numbersOf(this.#known.domain, [key]))
  }

  delete(key: string): void {
    if (this.#keys.delete(key)) this.#known = null
  }

  /** Those that exist. */
  in(domain: Domain): Spans {
    if (domain.axes.length === 0) return this.#keys.has('') ? true : sets.none
    const same = sameOf(domain)
    if (!this.#known || !isSame(this.#known, domain, same))
      this.#known = { domain, same, set: numbersOf(domain, this.#keys) }
    return sets.intersection(this.#known.set, domain.all)
  }
}

const sameOf = ({ axes }: Domain): Same =>
  axes.length === 1 && axes[0]!.line ? [] : axes.map(({ names, from, to }) => [names, from, to])

const isSame = (known: { readonly domain: Domain; readonly same: Same }, domain: Domain, same: Same): boolean =>
  known.domain.spec === domain.spec &&
  known.same.length === same.length &&
  known.same.every((one, n) => one.every((part, m) => part === same[n]![m]))

/** Of time also those that do not exist yet: the set stays right when they do. */
function numbersOf(domain: Domain, keys: Iterable<string>): Spans {
  const [axis] = domain.axes
  if (domain.axes.length > 1 || !axis?.line) return setOf(domain, keys)
  return sets.spansOf([...keys].flatMap((key) => axis.indexOf(key) ?? []))
}
