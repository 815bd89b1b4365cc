import { expect, test } from 'vitest'
import { keysToMake, partitionsEach } from './keys-to-make.ts'

const each = (keys: Readonly<Record<string, readonly string[]>>) =>
  partitionsEach(new Map(Object.entries(keys).map(([name, own]) => [name, new Set(own)])))

test('the keys of all, and of the assets that make fewer their own', () => {
  expect(each({})).toEqual({ partitions: null })
  expect(each({ a: ['y', 'x'], b: ['x', 'y'] })).toEqual({ partitions: ['x', 'y'] })
  const target = each({ a: ['y', 'x'], b: ['x'], constructor: ['y'] })
  expect(target).toEqual({ partitions: ['x', 'y'], partitionsOf: { b: ['x'], constructor: ['y'] } })
  expect(['a', 'b', 'constructor', 'toString'].map((name) => keysToMake(target, name))).toEqual([
    ['x', 'y'],
    ['x'],
    ['y'],
    ['x', 'y'],
  ])
})
