import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { errorCodes } from '@sluice/core'

const page = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8')
const rows = [...page.matchAll(/^\| `([A-Z_]+)` \| (.+?) \| (.+?) \|$/gm)].map(([, code, says, todo]) => ({
  code,
  says,
  todo,
}))

test('docs/errors.md has every code once, with its sentence, and no other', () => {
  const sorted = rows.toSorted((a, b) => (a.code! < b.code! ? -1 : 1))
  const codes = Object.entries(errorCodes).toSorted(([a], [b]) => (a < b ? -1 : 1))
  expect(sorted.map(({ code, says }) => [code, says])).toEqual(codes)
})

test('codes that other pages mention exist', () => {
  const own = new Set(Object.keys(errorCodes))
  const prefixes = new Set([...own].map((code) => `${code.split('_')[0]}_`))
  const mentioned = [...page.matchAll(/`([A-Z]+_[A-Z_]+)`/g)].map(([, code]) => code!)
  expect(mentioned.filter((code) => prefixes.has(`${code.split('_')[0]}_`) && !own.has(code))).toEqual([])
})
