import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  countOf,
  difference,
  equals,
  includes,
  intersection,
  product,
  type Spans,
  span,
  spansOf,
  tuplesOf,
  union,
  unionAll,
} from './spans.ts'

const DEPTH = 3
const SIDE = 5
const tuple = fc.tuple(...Array.from({ length: DEPTH }, () => fc.nat(SIDE - 1)))
/** The slow, obvious way: a set of texts. */
const listed = fc.array(tuple, { maxLength: 60 })
const plain = (tuples: readonly (readonly number[])[]) => new Set(tuples.map(String))
const made = (tuples: readonly (readonly number[])[]): Spans =>
  unionAll(tuples.map((one) => product(one.map((number) => span(number, number + 1)))))
const texts = (set: Spans) => [...tuplesOf(set)].map(String)

describe('sets of tuples', () => {
  test('are what lists of them are', () => {
    fc.assert(
      fc.property(listed, listed, (a, b) => {
        const [left, right, x, y] = [plain(a), plain(b), made(a), made(b)]
        expect(new Set(texts(union(x, y)))).toEqual(left.union(right))
        expect(new Set(texts(intersection(x, y)))).toEqual(left.intersection(right))
        expect(new Set(texts(difference(x, y)))).toEqual(left.difference(right))
        expect(countOf(x)).toBe(left.size)
        expect(texts(x)).toEqual(
          [...a]
            .map((one) => one.join())
            .filter((one, n, all) => all.indexOf(one) === n)
            .toSorted(),
        )
      }),
    )
  })

  test('are the same however they were made, and know what they hold', () => {
    fc.assert(
      fc.property(listed, listed, tuple, (a, b, one) => {
        const [x, y] = [made(a), made(b)]
        expect(equals(union(difference(x, y), intersection(x, y)), x)).toBe(true)
        expect(equals(made(a.toReversed()), x)).toBe(true)
        expect(includes(x, one)).toBe(plain(a).has(String(one)))
      }),
    )
  })

  test('of numbers: what is in a row is one span', () => {
    expect(spansOf([5, 1, 2, 3, 2])).toEqual([
      { from: 1, to: 4, rest: true },
      { from: 5, to: 6, rest: true },
    ])
  })

  test('nothing and everything, of an asset without partitions', () => {
    expect([union(true, []), intersection(true, []), difference(true, []), difference(true, true)]).toEqual([
      true,
      [],
      true,
      [],
    ])
    expect([countOf(true), countOf([]), [...tuplesOf(true)]]).toEqual([1, 0, [[]]])
  })

  test('10⁹ tuples are six spans, and stay few whatever is done with them', () => {
    const side = span(0, 32)
    const all = product([side, side, side, side, side, side])
    const hole = product([side, span(3, 4), side, side, span(0, 16), side])
    const rest = difference(all, hole)
    expect([countOf(all), countOf(rest)]).toEqual([32 ** 6, 32 ** 6 - 32 ** 4 * 16])
    expect(equals(union(rest, hole), all)).toBe(true)
    expect(JSON.stringify(rest).length).toBeLessThan(2_000)
  })
})
