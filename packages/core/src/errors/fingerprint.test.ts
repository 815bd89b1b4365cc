import type { StoredError } from '../values/stored.ts'
import { expect, test } from 'vitest'
import { fingerprint, groupFailures } from './fingerprint.ts'
import { framesOf } from './frames.ts'

const at = (...frames: string[]): string => ['Error: x', ...frames.map((frame) => `    at ${frame}`)].join('\n')
const error = (message: string, stack = at('fetchPage (/app/vendor.ts:10:5)'), code = 'STEP_FAILED'): StoredError => ({
  name: 'Error',
  code,
  message,
  stack,
})

test('one outage is one: ids, numbers, times and quoted names differ from case to case, and lines move', () => {
  const all = [
    error('GET https://vendor.example/orders/1234 answered 503 after 1.5 s'),
    error('GET https://vendor.example/orders/99 answered 503 after 20.25 s', at('fetchPage (/app/vendor.ts:12:9)')),
    error(
      'GET https://vendor.example/orders/7 answered 500 after 3 s',
      at('fetchPage (/app/vendor.ts:1:1)', 'node:internal/process/task_queues:104:5'),
    ),
  ]
  expect(new Set(all.map(fingerprint)).size).toBe(1)
  const named = [
    'Column "cents" is missing of r0mx10pxnvvfpwmkamjhq',
    `Column "it's" is missing of r0mx10pwmpl7f7f1yqncg`,
  ]
  expect(new Set(named.map((text) => fingerprint(error(text)))).size).toBe(1)
})

test('two bugs in one function are two, as are two functions, files and codes', () => {
  const all = [
    error('no such column'),
    error('no such table'),
    error('no such column', at('parse (/app/vendor.ts:10:5)')),
    error('no such column', at('fetchPage (/app/other.ts:10:5)')),
    error('no such column', undefined, 'STEP_TIMEOUT'),
  ]
  expect(new Set(all.map(fingerprint)).size).toBe(all.length)
})

test('a run of assets failed of what its step failed of', () => {
  const cause = error('no such column')
  const outer: StoredError = { name: 'SluiceError', code: 'RUN_FAILED', message: 'A step failed: a.', cause }
  expect(fingerprint(outer)).toBe(fingerprint(cause))
  const run = (id: string, its: StoredError | null, owners: string[]) => ({ id, error: its, owners }) as never
  const groups = groupFailures([
    run('r3', outer, ['team:a']),
    run('r2', error('another'), []),
    run('r1', cause, ['team:b', 'team:a']),
    run('r0', null, []),
  ])
  expect(groups.map((one) => [one.error.message, one.runs.map(({ id }) => id), one.owners])).toEqual([
    ['no such column', ['r3', 'r1'], ['team:a', 'team:b']],
    ['another', ['r2'], []],
  ])
})

test("a person's own frames are told from those of packages and of Node", () => {
  const stack = at(
    'load (/app/src/load.ts:3:7)',
    'Client.query (/app/node_modules/pg/lib/client.js:10:1)',
    'async Promise.all (index 0)',
    'new Promise (<anonymous>)',
    'process.processTicksAndRejections (node:internal/process/task_queues:104:5)',
  )
  expect(framesOf({ stack }).map(({ text, own }) => [text.split(' ')[0], own])).toEqual([
    ['load', true],
    ['Client.query', false],
    ['async', false],
    ['new', false],
    ['process.processTicksAndRejections', false],
  ])
  expect(framesOf({})).toEqual([])
})
