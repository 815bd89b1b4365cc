/** A page of a list, and the cursor of the next one. */
export interface Page<T> {
  readonly page: T[]
  readonly next: string | null
}

/** Of rows of which one more was read than the page has. */
export function pageOf<T>(rows: readonly T[], limit: number, cursorOf: (last: T) => string | number): Page<T> {
  const page = rows.slice(0, limit)
  return { page, next: rows.length > limit ? String(cursorOf(page.at(-1)!)) : null }
}

/** Of what is in memory anyway, in the order of its keys, which are unique. */
export function pageByKey<T>(
  all: readonly T[],
  { cursor, limit }: { readonly cursor?: string | undefined; readonly limit: number },
  keyOf: (one: T) => string,
): Page<T> {
  const keyed = all.map((one) => ({ key: keyOf(one), one }))
  const rest = cursor === undefined ? keyed : keyed.filter(({ key }) => key > cursor)
  rest.sort((a, b) => (a.key < b.key ? -1 : 1))
  const { page, next } = pageOf(rest, limit, ({ key }) => key)
  return { page: page.map(({ one }) => one), next }
}

/** A key of several words that sorts by the first, then the second. */
export const keyOf = (...words: readonly string[]): string => words.join('\n')
