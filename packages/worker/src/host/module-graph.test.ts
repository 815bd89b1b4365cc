import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { hashCode } from './module-graph.ts'

let root: string
const write = (name: string, text: string): void => writeFileSync(join(root, name), text)
const hashed = () => hashCode(root, [join(root, 'sluice.config.ts'), join(root, 'flows.ts')])
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sluice-graph-'))
  for (const name of ['flows.ts', 'sluice.config.ts', 'package-lock.json']) write(name, '1')
})
afterEach(() => rmSync(root, { recursive: true }))

test.each([
  ['flows.ts', 'code'],
  ['sluice.config.ts', 'config'],
  ['package-lock.json', 'lockfile'],
])('with another %s the version is another one, and of its parts only %s', (file, part) => {
  const before = hashed()
  expect(hashed()).toEqual(before)
  write(file, '2')
  const now = hashed()
  expect(now.codeVersion).not.toBe(before.codeVersion)
  const parts = Object.keys(before.parts).filter((name) => now.parts[name] !== before.parts[name])
  expect([Object.keys(now.parts), parts]).toEqual([['code', 'config', 'lockfile'], [part]])
})
