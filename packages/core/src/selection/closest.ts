/** The name that was probably meant: the one with the fewest changed letters, if those are few. */
export function closest(name: string, names: readonly string[]): string | undefined {
  let best: string | undefined
  let least = Math.max(1, Math.floor(name.length / 3)) + 1
  for (const one of names) {
    if (Math.abs(one.length - name.length) >= least) continue
    const changes = changesBetween(name.toLowerCase(), one.toLowerCase())
    if (changes < least) [best, least] = [one, changes]
  }
  return best
}

/** Levenshtein's distance. */
function changesBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, n) => n)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    }
    row = next
  }
  return row[b.length]!
}
