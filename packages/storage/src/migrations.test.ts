import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'

test.each(['sqlite', 'postgres'])('%s: every migration has a number of its own, and none is left out', (dialect) => {
  const files = readdirSync(new URL(`../migrations/${dialect}/`, import.meta.url)).toSorted()
  const numbers = files.map((name) => Number(/^(\d{4})-[a-z-]+\.sql$/.exec(name)?.[1]))
  expect(numbers).toEqual(files.map((_, nth) => nth + 1))
})
