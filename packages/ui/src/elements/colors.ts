/**
 * What the style says of some of its variables at this element, by name: a variable alone is text that no canvas understands.
 *
 * @param variables such as `--good`.
 */
export function colorsAt<K extends string>(
  element: HTMLElement,
  variables: Readonly<Record<K, string>>,
): Readonly<Record<K, string>> {
  const { style } = element
  const found = Object.entries<string>(variables).map(([name, variable]) => {
    style.color = `var(${variable})`
    return [name, getComputedStyle(element).color]
  })
  style.color = ''
  return Object.fromEntries(found) as Record<K, string>
}
