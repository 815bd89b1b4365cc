/**
 * How well a text is what was typed, word by word: 0 for not at all; more where a word of it begins so, most where the
 * whole text does.
 */
export function score(text: string, typed: string): number {
  const low = text.toLowerCase()
  let sum = 1
  for (const word of typed.toLowerCase().split(/\s+/)) {
    if (word === '') continue
    const at = low.indexOf(word)
    if (at < 0) return 0
    sum += at === 0 ? 4 : /[^a-z0-9]/.test(low[at - 1]!) ? 3 : 1
  }
  return sum - Math.min(0.9, text.length / 1000)
}

/** The best matches first; those that are equal in their own order. */
export function best<T>(all: readonly T[], typed: string, textOf: (one: T) => string, most: number): T[] {
  if (typed === '') return all.slice(0, most)
  const scored = all.map((one, nth) => ({ one, nth, points: score(textOf(one), typed) }))
  return scored
    .filter(({ points }) => points > 0)
    .sort((a, b) => b.points - a.points || a.nth - b.nth)
    .slice(0, most)
    .map(({ one }) => one)
}
