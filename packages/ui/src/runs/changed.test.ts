import { type Run, encode } from '@sluice/core'
import { expect, test } from 'vitest'
import { type Made, changesBetween } from './changed.ts'

const terms = { location: 'main', pool: 'default', priority: 0, memory: null, maxDuration: null, env: { REGION: 'eu' } }
const run = (part: object = {}): Run =>
  ({
    codeVersion: 'v1',
    params: encode({ pages: 3, since: '2026-01-01' }),
    tags: {},
    terms,
    target: { kind: 'flow', name: 'sync' },
    startedAt: 0,
    endedAt: 10_000,
    ...part,
  }) as unknown as Run
const inputs = (orders: string) => [{ asset: 'revenue', partition: null, inputVersions: { orders, rates: 'r1' } }]
const before: Made = { run: run(), records: inputs('o1') }
const versions = [
  { version: 'v1', git: { commit: 'aaaaaaaaaaaa', dirty: false, message: 'First\nmore' } },
  { version: 'v2', git: { commit: 'bbbbbbbbbbbb', dirty: true, message: null } },
]
const parts = { code: 'c1', config: 'f1', lockfile: 'l123456789' }
const known = [
  ...versions,
  { version: 'w1', git: null, parts },
  { version: 'w2', git: null, parts: { ...parts, lockfile: 'l2' } },
  { version: 'w3', git: null, parts: { ...parts, config: 'f2' } },
  { version: 'w4', git: null, parts: { ...parts, code: 'c2' } },
  { version: 'w5', git: null, parts: { code: 'c2', config: 'f2' } },
  { version: 'w6', git: null, parts },
]
const shown = (now: Made): string[] =>
  changesBetween(before, now, versions).map((one) => `${one.what}: ${one.before} → ${one.now}`)

test('what is the same is not told', () => {
  expect(shown({ run: run({ endedAt: 15_000 }), records: inputs('o1') })).toEqual([])
})

test.each([
  ['code', { codeVersion: 'v2' }, 'code: commit aaaaaaaa First → commit bbbbbbbb and changes that are not committed'],
  ['code that no commit is known of', { codeVersion: 'v3333333333333' }, 'code: commit aaaaaaaa First → v33333333333'],
  ['a param', { params: encode({ pages: 4, since: '2026-01-01' }) }, 'param pages: 3 → 4'],
  ['a param that is gone', { params: encode({ pages: 3 }) }, 'param since: "2026-01-01" → nothing'],
  ['the environment', { terms: { ...terms, env: { REGION: 'us' } } }, 'environment REGION: eu → us'],
  ['a limit of time', { terms: { ...terms, maxDuration: 5_000 } }, 'time limit: nothing → 5 s'],
  ['the pool', { terms: { ...terms, pool: 'heavy' } }, 'pool: default → heavy'],
  ['a tag', { tags: { by: 'ana' } }, 'tag by: nothing → ana'],
  ['how long it took', { endedAt: 30_000 }, 'duration: 10 s → 30 s'],
])('%s appears, and nothing else does', (_, part, line) => {
  expect(shown({ run: run(part), records: inputs('o1') })).toEqual([line])
})

test.each([
  ['w2', ['lockfile: l1234567 → l2']],
  ['w3', ['config: f1 → f2']],
  ['w4', ['code: w1 → w4']],
  ['w5', ['code: w1 → w5', 'config: f1 → f2', 'lockfile: l1234567 → nothing']],
  ['w6', ['code: w1 → w6']],
  ['v2', ['code: w1 → commit bbbbbbbb and changes that are not committed']],
])('of a version %s those parts are told that are other', (codeVersion, lines) => {
  const was = { run: run({ codeVersion: 'w1' }), records: [] }
  const changes = changesBetween(was, { run: run({ codeVersion }), records: [] }, known)
  expect(changes.map((one) => `${one.what}: ${one.before} → ${one.now}`)).toEqual(lines)
})

test('what it was made from appears', () => {
  expect(shown({ run: run(), records: inputs('o2') })).toEqual(['input orders of revenue: o1 → o2'])
})

test('params that JSON has no words for are compared as a whole; a moment more is no change', () => {
  const of = (since: Date): Made => ({ run: run({ params: encode({ since }), endedAt: 10 }), records: [] })
  expect(changesBetween(of(new Date(0)), of(new Date(1)), []).map(({ what }) => what)).toEqual(['params'])
  const quick = { run: run({ endedAt: 10 }), records: [] }
  expect(changesBetween(quick, { run: run({ endedAt: 90 }), records: [] }, [])).toEqual([])
})
