/** `12,345`: the same for everybody. */
export const numberText = (value: number): string =>
  Number.isSafeInteger(value) ? String(value).replaceAll(/\B(?=(?:\d{3})+$)/g, ',') : String(value)

/** `1 run`, `12,345 runs` */
export const countOf = (count: number, one: string, many = `${one}s`): string =>
  `${numberText(count)} ${count === 1 ? one : many}`

export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}

/** A figure of a plot, as short as it says what it is: `12,345`, `0.6782`, `1.2e-9`. */
export function figureText(value: number): string {
  if (Number.isSafeInteger(value)) return numberText(value)
  const size = Math.abs(value)
  if (size >= 1e9 || size < 1e-4) return value.toExponential(2).replace(/\.?0+e/, 'e')
  return String(Number(value.toPrecision(size >= 1000 ? 6 : 4)))
}
